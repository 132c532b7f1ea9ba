"""Random expressions: right or refused, and no crash."""

import pytest

from tests.random_expressions import outcomes

SHARE = 25  # programs of a test


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@pytest.mark.parametrize("part", range(16))
def test_right_or_refused(part):
    found = [outcome for seed in range(SHARE * part, SHARE * (part + 1)) for outcome in outcomes(seed)]
    assert [(said, text) for said, text in found if said.startswith("wrong")] == []
    assert sum(said == "right" for said, _ in found) > SHARE // 2
