"""The trainable component `bilstm_crf_ner`."""

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import srsly
import torch
from cymem.cymem import Pool
from spacy.errors import Errors
from spacy.language import Language
from spacy.pipeline.pipe import deserialize_config
from spacy.pipeline.trainable_pipe import TrainablePipe
from spacy.tokens import Doc, Span
from spacy.training import Example, validate_examples, validate_get_examples
from spacy.vocab import Vocab
from thinc.api import Model, Optimizer, set_dropout_rate
from torch import Tensor

from ..batching.parts import parts
from ..confidence import get_confidence, set_confidence
from ..models.bilstm_crf import grow, n_trained_tags
from ..models.finite import check_finite
from ..models.tag_distribution import Gradient, TagDistribution
from ..models.training_docs import offer_training_docs
from ..models.with_chunks import is_listener, listens
from ..nn.warm_up import warm_up
from ..tags import n_labels, n_tags
from ..torch_bridge.torch_layer import UninitializedModule, forget_words, module_of
from .alignment import gold_tag_ids, incorrect_tags, join_across_entities
from .all_or_nothing import all_or_nothing
from .candidates import top_k_entities
from .constraints import forbidden_tags
from .joining import join_sentences
from .prediction import (
    Prediction,
    decode_entities,
    make_spans,
    nothing,
    split_prediction,
    write_prediction,
)
from .rehearsal import what_it_knew
from .settings import Settings, check_settings, load_settings, settings_to_save
from .training_problems import problems_of
from .weights import token_weights


class BiLSTMCRFRecognizer(TrainablePipe):
    """Named entity recognition with a BiLSTM-CRF over BILUO tags. Behaves as spaCy's trainable
    components do; for the arguments see the factory, `make_bilstm_crf_ner`.

    RAISES: ValueError if a setting is not one that it may have.
    """

    def __init__(
        self,
        vocab: Vocab,
        model: Model[list[Doc], Any],
        name: str = "bilstm_crf_ner",
        *,
        threshold: float | None = None,
        confidence: str = "entities",
        spans_key: str = "bilstm_crf_ner",
        spans_threshold: float = 0.1,
        overwrite_ents: bool = False,
        incorrect_spans_key: str | None = None,
        weights_key: str | None = None,
        join: float = 0.5,
        temperature: float = 1.0,
        promise: dict[str, Any] | None = None,
        scorer: Callable[..., dict[str, Any]] | None = None,
    ) -> None:
        if not Span.has_extension("confidence"):
            Span.set_extension("confidence", getter=get_confidence, setter=set_confidence)
        self.vocab = vocab
        self.model = model
        self.name = name
        self.scorer = scorer
        self._new_score: float | None = None
        self._rehearsal_model: Model[list[Doc], Any] | None = None
        cfg: dict[str, Any] = {
            "labels": [],
            "threshold": threshold,
            "confidence": confidence,
            "spans_key": spans_key,
            "spans_threshold": spans_threshold,
            "overwrite_ents": overwrite_ents,
            "incorrect_spans_key": incorrect_spans_key,
            "weights_key": weights_key,
            "join": join,
            "temperature": temperature,
            "promise": promise,
        }
        self.cfg = Settings(cfg, name)

    @property
    def labels(self) -> tuple[str, ...]:
        """The entity labels, in the order of their tags."""
        return tuple(self.cfg["labels"])

    @property
    def label_data(self) -> list[str]:
        """The labels, as `spacy init labels` saves them and `initialize` takes them."""
        return list(self.labels)

    def add_label(self, label: str) -> int:
        """Add an entity label. An initialized model grows and keeps what it knows.

        RETURNS: 1 if the label is new, 0 if the component has it already.
        RAISES: ValueError if the label is no string or empty, or nO in the config is too small.
        """
        if not isinstance(label, str) or not label:
            raise ValueError(Errors.E187)
        if label in self.labels:
            return 0
        needed, size = n_tags(len(self.labels) + 1), self.model.maybe_get_dim("nO")
        if size is not None and needed > size:
            if not self._is_initialized():
                raise ValueError(
                    f"Can't add a label to '{self.name}': nO in its config says {size} tags, "
                    f"{n_labels(size)} labels. Leave nO at null."
                )
            grow(self.model, needed)
        self.cfg["labels"].append(label)
        self.vocab.strings.add(label)
        return 1

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Language | None = None,
        labels: Sequence[str] | None = None,
    ) -> None:
        """Build the model from training data.

        get_examples: returns the training examples. All of them are read: the words and
            characters that the model knows are theirs.
        nlp: the pipeline.
        labels: the entity labels, as `label_data` gives them; by default those in the examples.
        RAISES: ValueError if there are no examples, or nO in the config does not fit the labels.
        """
        validate_get_examples(get_examples, "BiLSTMCRFRecognizer.initialize")
        if labels is None:
            labels = sorted({ent.label_ for eg in get_examples() for ent in eg.reference.ents})
        for label in labels:
            self.add_label(label)
        needed, size = n_tags(len(self.labels)), self.model.maybe_get_dim("nO")
        if size is not None and size != needed:
            raise ValueError(
                f"The model of '{self.name}' is built for {size} tags, but {len(self.labels)} "
                f"labels need {needed}. Leave nO in the config at null, or create the component "
                "anew."
            )
        n_learners = offer_training_docs(
            self.model, lambda: (eg.predicted for eg in get_examples())
        )
        spans_keys = {name: self.cfg[name] for name in ("incorrect_spans_key", "weights_key")}
        for problem in problems_of(
            get_examples, self.labels, spans_keys, learns_words=n_learners > 0
        ):
            warnings.warn(f"'{self.name}' {problem}", stacklevel=2)
        docs = [eg.predicted for eg in islice(get_examples(), 10)]
        if size is None:
            self.model.set_dim("nO", needed)
        self.model.initialize(X=docs)
        self.model.attrs["n_trained_tags"] = n_tags(0)

    def predict(self, docs: Iterable[Doc]) -> list[Prediction]:
        """Find the entities of docs, without changing the docs.

        RETURNS: for each doc, its entities and what else the config asks for.
        RAISES: ValueError if the component was not initialized, or a setting in `cfg` is wrong.
        """
        self._require_model()
        check_settings(self.cfg, self.name)
        return [own for part in parts(list(docs)) for own in self._decode(part)]

    def _decode(self, docs: list[Doc]) -> list[Prediction]:
        cfg = self.cfg
        if not any(len(doc) for doc in docs) or not self.labels:
            return [nothing(candidates=cfg["confidence"] == "spans") for _ in docs]
        prediction = decode_entities(
            self.distribution(docs),
            threshold=cfg["threshold"],
            confidence=cfg["confidence"] != "off",
            candidates_above=cfg["spans_threshold"] if cfg["confidence"] == "spans" else None,
        )
        return split_prediction(prediction, [len(doc) for doc in docs])

    def distribution(self, docs: list[Doc]) -> TagDistribution:
        """The distribution among the tag sequences that the docs allow, at the temperature of the
        settings: all entities and probabilities are read from it.

        RAISES: ValueError if the component was not initialized.
        """
        self._require_model()
        tags: TagDistribution = self.model.predict(docs)
        check_finite(self.model, tags, docs)
        forbidden = forbidden_tags(
            docs,
            self.labels,
            n_trained=n_trained_tags(self.model),
            keep_ents=not self.cfg["overwrite_ents"],
        )
        return tags.forbid(forbidden).at(self.cfg["temperature"])

    def set_annotations(self, docs: Iterable[Doc], scores: list[Prediction]) -> None:
        """Write entities to docs.

        scores: for each doc, what `predict` gives.
        """
        labels = [self.vocab.strings.add(label) for label in self.labels]
        for doc, prediction in zip(docs, scores):
            write_prediction(
                doc,
                prediction,
                labels,
                keep_ents=not self.cfg["overwrite_ents"],
                spans_key=self.cfg["spans_key"],
            )

    def n_best(self, doc: Doc, k: int = 5) -> list[tuple[float, list[Span]]]:
        """The k most probable analyses of a doc, which is not changed.

        RETURNS: for each analysis its probability and its entities, best first; fewer than k if the
            doc has fewer.
        RAISES: ValueError if k is no number from 1, or the component was not initialized.
        """
        if not isinstance(k, int) or isinstance(k, bool) or k < 1:
            raise ValueError(f"k must be a whole number of at least 1, got {k!r}.")
        self._require_model()
        if len(doc) == 0 or not self.labels:
            return [(1.0, [])]
        labels = [self.vocab.strings.add(label) for label in self.labels]
        best = top_k_entities(self.distribution([doc]), k)
        return [(probability, make_spans(doc, spans, labels)) for probability, spans in best]

    def update(
        self,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Optimizer | None = None,
        losses: dict[str, float] | None = None,
    ) -> dict[str, float]:
        """Learn from a batch of examples.

        drop: the dropout rate; see `dropout` of the model.
        sgd: the optimizer; without one, gradients accumulate.
        losses: a record of losses, to which the batch's is added under the component's name.
        RETURNS: the losses.
        """
        examples = list(examples)
        losses = {} if losses is None else losses
        losses.setdefault(self.name, 0.0)
        validate_examples(examples, "BiLSTMCRFRecognizer.update")
        self._require_model()
        # What a listener gives was made of the docs as they are.
        share = 0.0 if is_listener(self.model.get_ref("tok2vec")) else self.cfg["join"]
        docs = [join_sentences(eg.predicted, share) for eg in examples]
        if not any(len(doc) for doc in docs):
            return losses
        loss_of = partial(self.get_loss, examples)
        self.model.attrs["n_trained_tags"] = self.model.get_dim("nO")
        return self._learn(docs, loss_of, drop=drop, sgd=sgd, losses=losses)

    def rehearse(
        self,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Optimizer | None = None,
        losses: dict[str, float] | None = None,
    ) -> dict[str, float]:
        """Learn again what the model knew when `nlp.resume_training()` was called, so that it does
        not forget it over new examples: its predictions then are the gold standard here. Where
        it found no entity, there may be one of a label that it was not trained on.

        A component that listens to a shared tok2vec has no features to rehearse on, and warns.

        examples: only their predicted docs count.
        drop, sgd, losses: as for `update`.
        RETURNS: the losses.
        """
        docs = [eg.predicted for eg in examples]
        losses = {} if losses is None else losses
        if self._rehearsal_model is None or not any(len(doc) for doc in docs):
            return losses
        if listens(self.model):
            warnings.warn(
                f"'{self.name}' does not rehearse: its features are another component's, which "
                "spaCy does not run for it. Give it a tok2vec of its own to rehearse.",
                stacklevel=2,
            )
            return losses
        tags, allowed = what_it_knew(self._rehearsal_model, docs, self.model.get_dim("nO"))

        def loss_of(scores: TagDistribution) -> tuple[float, Gradient]:
            scores = scores.with_gradient()
            return self._mean(scores, scores.log_prob(tags, allowed_if_unknown=allowed))

        return self._learn(docs, loss_of, drop=drop, sgd=sgd, losses=losses)

    def _learn(
        self,
        docs: list[Doc],
        loss_of: Callable[[TagDistribution], tuple[float, Gradient]],
        *,
        drop: float,
        sgd: Optimizer | None,
        losses: dict[str, float],
    ) -> dict[str, float]:
        """One step of training. loss_of: the loss of the model's output, and its gradient."""
        set_dropout_rate(self.model, drop)
        scores, backprop = self.model.begin_update(docs)
        loss, gradient = loss_of(scores)
        backprop(gradient)
        if sgd not in (None, False):
            self.finish_update(sgd)
            if self.cfg["promise"] is not None:  # it was of other weights
                self.cfg["promise"] = None
        losses[self.name] = losses.get(self.name, 0.0) + loss
        return losses

    def finish_update(self, sgd: Optimizer) -> None:
        """Update the weights with the gradients that have gathered. Schedules that ask for scores
        (`report`) get that of the last evaluation."""
        if self._new_score is not None and isinstance(sgd, Optimizer):
            for schedule in sgd.schedules.values():
                if hasattr(schedule, "report"):
                    schedule.report(self._new_score, self.name)
            self._new_score = None
        self.model.finish_update(sgd)

    def score(self, examples: Iterable[Example], **kwargs: Any) -> dict[str, Any]:
        """Score predicted docs. See `finish_update` for what else becomes of the F1."""
        scores: dict[str, Any] = super().score(examples, **kwargs)
        self.note_scores(scores)
        return scores

    def note_scores(self, scores: dict[str, Any]) -> None:
        """Take the scores of an evaluation for those of the last one."""
        self._new_score = scores.get("ents_f")

    def get_loss(
        self, examples: Iterable[Example], scores: TagDistribution
    ) -> tuple[float, Gradient]:
        """The negative log-likelihood of the examples' tags, divided by the number of sequences.
        Nothing is changed in the model.

        Tokens whose tag is unknown are summed out. With `weights_key`, the log-likelihood of a
        sequence is multiplied by the mean weight of its tokens; the divisor stays the number of
        sequences, for with the sum of weights a batch of what is doubtful would teach as much as
        any other, and the weight of a sequence that is a batch of its own nothing.

        scores: what the model makes of the predicted docs.
        RETURNS: the loss, and its gradient for the scores.
        RAISES: ValueError if the loss is not a finite number, an example has a label that the
            component does not have, or weights that are none.
        """
        examples = list(examples)
        validate_examples(examples, "BiLSTMCRFRecognizer.get_loss")
        tags = gold_tag_ids(examples, self.labels, name=self.name)
        scores = scores.with_lengths(join_across_entities(scores.lengths, tags)).with_gradient()
        key, weights_key = self.cfg["incorrect_spans_key"], self.cfg["weights_key"]
        weights = token_weights(examples, weights_key, name=self.name) if weights_key else None
        log_probs = [scores.log_prob(tags, weights=weights)]
        if key:
            incorrect = incorrect_tags(examples, self.labels, key)
            log_probs.append(scores.log_prob_of_others(tags, incorrect, weights=weights))
        return self._mean(scores, *log_probs)

    def _mean(self, scores: TagDistribution, *log_probs: Tensor) -> tuple[float, Gradient]:
        """The negative of the sum of log-probabilities, divided by the number of sequences."""
        loss = -torch.cat(log_probs).sum() / len(scores.lengths)
        if not loss.isfinite():
            raise ValueError(
                f"The loss of '{self.name}' is {loss.item()}. The model can't recover from this: "
                "try a lower learning rate, or gradient clipping (grad_clip of the optimizer), and "
                "check the word vectors for values that are not finite."
            )
        return loss.item(), scores.gradient(loss)

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """Save the component to bytes."""
        self.model.attrs["labels"] = list(self.labels)
        data: bytes = super().to_bytes(exclude=exclude)
        return data

    def from_bytes(
        self, bytes_data: bytes, *, exclude: Iterable[str] = ()
    ) -> "BiLSTMCRFRecognizer":
        """Load the component from bytes.

        RAISES: ValueError if they are damaged or belong to another model.
        """
        with all_or_nothing(self, "the given bytes"):
            super().from_bytes(bytes_data, exclude=exclude)
        self._warm_up()
        return self

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Save the component to a directory. Its settings are in the pipeline's config.cfg, where
        there is one beside the directory."""
        exclude = list(exclude)
        self.model.attrs["labels"] = list(self.labels)
        super().to_disk(path, exclude=[*exclude, "cfg"])
        if "cfg" not in exclude:
            srsly.write_json(Path(path) / "cfg", settings_to_save(self.cfg, Path(path)))

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> "BiLSTMCRFRecognizer":
        """Load the component from a directory.

        RAISES: ValueError if a file is damaged or belongs to another model.
        """
        exclude = list(exclude)
        with all_or_nothing(self, str(path)):
            super().from_disk(path, exclude=[*exclude, "cfg"])
            if "cfg" not in exclude:
                load_settings(self.cfg, deserialize_config(Path(path) / "cfg"))
        self._warm_up()
        return self

    @contextmanager
    def memory_zone(self, mem: Pool | None = None) -> Iterator[Pool]:
        """Called by `nlp.memory_zone()`: what was kept of words is forgotten at its end."""
        try:
            yield Pool() if mem is None else mem
        finally:
            forget_words(self.model)

    def _warm_up(self) -> None:
        if self.model.ops.device_type == "cpu":  # a GPU does without these loops
            warm_up()

    def _is_initialized(self) -> bool:
        return self.model.has_dim("nO") is True and not isinstance(
            module_of(self.model.get_ref("crf")), UninitializedModule
        )

    def _require_model(self) -> None:
        if not self._is_initialized():
            raise ValueError(Errors.E109.format(name=self.name))
