"""Roles and endpoints: who is called where, with which parameters and whose key."""

from __future__ import annotations

import pytest

from eventsim.errors import UsageError
from tests.run.settings.conftest import Read

HERE = "http://localhost:8000/v1"
HOSTED = "https://models.example/v1"


def test_one_model_plays_every_role(read: Read) -> None:
    """`--model` and `--base-url` need nothing else."""
    config = read(flags={"model": "m", "base_url": HERE}).run_config
    chosen = config.roles.all().values()
    assert {(each.endpoint, each.model) for each in chosen} == {("default", "m")}
    assert list(config.endpoints) == ["default"]


def test_a_role_has_its_own_model_endpoint_and_parameters(read: Read) -> None:
    """What it does not say is as for every role."""
    file = (
        f"model: big\nbase_url: {HERE}\n"
        "sampling: {temperature: 1.0, top_p: 0.9, extra_body: {top_k: 20}}\n"
        "roles:\n"
        "  user: {model: small, base_url: http://localhost:8001/v1, temperature: 0.5}\n"
        "  judge: {endpoint: rule-based}\n"
    )
    config = read(file).run_config
    user = config.roles.user
    assert (user.endpoint, user.model) == ("user", "small")
    assert dict(user.params) == {"temperature": 0.5, "top_p": 0.9, "top_k": 20}
    assert config.roles.judge.endpoint == "rule-based"
    assert config.roles.assistant.model == "big"
    assert set(config.endpoints) == {"default", "user"}


def test_a_key_is_never_sent_to_a_host_that_it_was_not_named_for(read: Read) -> None:
    """A second host needs the variable of its own key."""
    file = f"model: m\nbase_url: {HOSTED}\nroles:\n  user:\n    base_url: %s\n"
    other = file % "https://other.example/v1"
    with pytest.raises(UsageError, match=r"roles\.user\.key_env"):
        read(other)
    config = read(f"{other}    key_env: OTHER_KEY\n").run_config
    assert config.endpoints["user"].key_env == "OTHER_KEY"
    assert config.endpoints["default"].key_env == "OPENAI_API_KEY"


def test_a_local_endpoint_gets_no_key_unless_one_is_named(read: Read) -> None:
    """`--model NAME --base-url URL` works without a key in the environment."""
    config = read(flags={"model": "m", "base_url": HERE}).run_config
    assert config.endpoints["default"].key_env == ""


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("model: m", "needs an endpoint: say where with --base-url URL"),
        (f"base_url: {HERE}", "needs a model as well"),
        ("model: m\nbase_url: localhost", "must be the http or https URL"),
        (
            f"model: m\nbase_url: {HERE}/chat/completions",
            "ends before /chat/completions",
        ),
        (
            f"model: m\nbase_url: {HERE}\nroles: {{user: {{endpoint: defalt}}}}",
            "did you mean default?",
        ),
        (
            f"model: m\nbase_url: {HERE}\nsampling: {{extra_body: {{seed: 1}}}}",
            "stands in every request already",
        ),
        (
            f"model: m\nbase_url: {HERE}\nbudget: {{usd: 1.0}}",
            "no price is known of m",
        ),
    ],
)
def test_what_cannot_be_called_is_refused(read: Read, file: str, said: str) -> None:
    """Before anything is recorded, with what to do."""
    with pytest.raises(UsageError) as caught:
        read(file)
    assert said in str(caught.value)
