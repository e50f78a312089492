"""A pytest plugin that puts our component in the place of spaCy's `ner`, for spaCy's own tests.

It has the options of spaCy's `ner`, too, and leaves them aside. Where a config asks for a model of
spaCy's parser, ours is built over the same token features. Tests in `LEFT_OUT` must fail.
"""

import inspect
from dataclasses import replace
from typing import Any

import pytest
import spacy
from spacy.language import Language
from spacy.util import registry
from thinc.api import Model, fix_random_seed

from spacy_bilstm_crf.models import BiLSTMCRF, BiLSTMTok2Vec
from spacy_bilstm_crf.pipeline import make_bilstm_crf_ner

from .left_out import LEFT_OUT

spacy.blank("en")  # registers spaCy's factories
OURS, THEIRS = (Language.get_factory_meta(name) for name in ("bilstm_crf_ner", "ner"))


def make_ner(nlp: Language, name: str, model: Model, **config: Any) -> Any:
    """Our component, without the options that only spaCy's `ner` has."""
    if model.name == "parser_model":
        features = model.get_ref("tok2vec").layers[0]
        attrs = {"has_upper": model.attrs["has_upper"]}
        model = BiLSTMCRF(BiLSTMTok2Vec(features, hidden_width=64))
        model.attrs.update(attrs)
    own = {key: config[key] for key in OURS.default_config if key != "model"}
    return make_bilstm_crf_ner(nlp, name, model, **own)


def _install() -> None:
    embed = {"@architectures": "spacy_bilstm_crf.WordCharEmbed.v1"}
    model = {**THEIRS.default_config["model"], "tok2vec": embed}
    config = {**THEIRS.default_config, **OURS.default_config, "model": model}
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    make_ner.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(key, kind) for key in ("nlp", "name", *config)]
    )
    registry.factories.register("ner", func=make_ner)
    Language.set_factory_meta("ner", replace(OURS, factory="ner", default_config=config))


_install()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Expect the tests that are left out to fail; one that is not there, or passes, is an error."""
    by_id = {item.nodeid: item for item in items}
    if unknown := LEFT_OUT.keys() - by_id:
        raise pytest.UsageError(f"LEFT_OUT has tests that spaCy has not: {sorted(unknown)}")
    for name, reason in LEFT_OUT.items():
        by_id[name].add_marker(pytest.mark.xfail(reason=reason, strict=True))


def pytest_runtest_setup() -> None:
    """Begin each test with the same random numbers, so that none passes or fails by chance."""
    fix_random_seed(0)
