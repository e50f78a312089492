"""The `bilstm_crf_ner` component."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spacy.attrs import ENT_IOB, ENT_TYPE, IS_SPACE
from spacy.errors import Errors
from spacy.language import Language
from spacy.pipeline.trainable_pipe import TrainablePipe
from spacy.tokens import Doc, Span
from spacy.training import Example, validate_examples, validate_get_examples
from spacy.vocab import Vocab
from thinc.api import Config, Model, Optimizer, set_dropout_rate
from thinc.types import Floats2d

from ..models.crf import crf_decode, crf_loss
from ..models.layout import sequence_lengths
from ..models.word_char_embed import offer_training_docs
from ..tags import IOB_BEGIN, border_tags, ids_to_spans, n_tags, spans_to_ids
from .confidence import candidate_spans, choose_spans
from .gold import gold_tag_ids, join_across_entities

DEFAULT_CONFIG = """
[model]
@architectures = "spacy_bilstm_crf.BiLSTMCRF.v1"
hidden_width = 128
depth = 1
dropout = null
max_length = 256
overlap = 32
join = 0.5
conv_layers = 0
conv_window = 3
nO = null

[model.tok2vec]
@architectures = "spacy_bilstm_crf.WordCharEmbed.v1"
word_width = 100
char_width = 30
char_filters = 100
char_window = 3
case_width = 10
min_freq = 1
word_dropout = 1.0
static_vectors = "none"
"""

# Nearly all spans are less probable than this, and they are as many as the square of the length.
_LEAST = 0.01

DEFAULT_MODEL = Config().from_str(DEFAULT_CONFIG)["model"]


@Language.factory(
    "bilstm_crf_ner",
    assigns=["doc.ents", "token.ent_iob", "token.ent_type"],
    default_config={
        "model": DEFAULT_MODEL,
        "threshold": None,
        "scorer": {"@scorers": "spacy.ner_scorer.v1"},
    },
    default_score_weights={
        "ents_f": 1.0,
        "ents_p": 0.0,
        "ents_r": 0.0,
        "ents_per_type": None,
    },
)
def make_bilstm_crf_ner(
    nlp: Language,
    name: str,
    model: Model[list[Doc], list[Floats2d]],
    threshold: float | None,
    scorer: Callable[..., dict[str, Any]] | None,
) -> "BiLSTMCRFRecognizer":
    """Create a BiLSTM-CRF named entity recognizer.

    model: the model, spacy_bilstm_crf.BiLSTMCRF.v1.
    threshold: which entities are predicted: None for those of the most probable tag sequence, a
        number for all whose own probability is at least that (the more probable one of two that
        overlap). A lower threshold finds more and is wrong more often.
    scorer: the scoring method.
    """
    return BiLSTMCRFRecognizer(nlp.vocab, model, name, threshold=threshold, scorer=scorer)


class BiLSTMCRFRecognizer(TrainablePipe):
    """Named entity recognition with a BiLSTM-CRF over BILUO tags.

    Behaves as spaCy's trainable components do. Entities that are already on a doc stay as they
    are; predictions that overlap them are dropped.
    """

    def __init__(
        self,
        vocab: Vocab,
        model: Model[list[Doc], list[Floats2d]],
        name: str = "bilstm_crf_ner",
        *,
        threshold: float | None = None,
        scorer: Callable[..., dict[str, Any]] | None = None,
    ) -> None:
        if threshold is not None and not 0.0 <= threshold <= 1.0:
            raise ValueError(
                f"threshold of '{name}' must be null or a number from 0 to 1, got {threshold}."
            )
        self.vocab = vocab
        self.model = model
        self.name = name
        self.scorer = scorer
        self.cfg: dict[str, Any] = {"labels": [], "threshold": threshold}

    @property
    def labels(self) -> tuple[str, ...]:
        """The entity labels, in the order of their tags."""
        return tuple(self.cfg["labels"])

    @property
    def label_data(self) -> list[str]:
        """The labels, as `spacy init labels` saves them and `initialize` takes them."""
        return list(self.labels)

    def add_label(self, label: str) -> int:
        """Add an entity label before initialization.

        RETURNS: 1 if the label is new, 0 if the component has it already.
        RAISES: ValueError if the label is no string or empty, or the model is built already.
        """
        if not isinstance(label, str) or not label:
            raise ValueError(Errors.E187)
        if label in self.labels:
            return 0
        self._allow_extra_label()
        self.cfg["labels"].append(label)
        self.vocab.strings.add(label)
        return 1

    def _allow_extra_label(self) -> None:
        # The base class compares nO with the labels, but a model has four tags a label.
        size = self.model.maybe_get_dim("nO")
        if size is not None and n_tags(len(self.labels) + 1) > size:
            raise ValueError(
                f"Can't add a label to '{self.name}': its model is built for {size} tags, "
                f"{(size - 1) // 4} labels. Add all labels before you initialize "
                "it, or create the component anew."
            )

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
        RAISES: ValueError if there are no examples, or no labels are given or found.
        """
        validate_get_examples(get_examples, "BiLSTMCRFRecognizer.initialize")
        if labels is None:
            labels = sorted({ent.label_ for eg in get_examples() for ent in eg.reference.ents})
        for label in labels:
            self.add_label(label)
        if not self.labels:
            raise ValueError(
                f"'{self.name}' has no labels: the training data has no entities. Check that they "
                "are in `doc.ents` of the reference docs, or add labels with `add_label`."
            )
        needed, size = n_tags(len(self.labels)), self.model.maybe_get_dim("nO")
        if size is not None and size != needed:
            raise ValueError(
                f"The model of '{self.name}' is built for {size} tags, but {len(self.labels)} "
                f"labels need {needed}. Leave nO in the config at null, or create the component "
                "anew."
            )
        offer_training_docs(self.model, lambda: (eg.predicted for eg in get_examples()))
        docs = [eg.predicted for eg in islice(get_examples(), 10)]
        self.model.initialize(X=docs, Y=[self.model.ops.alloc2f(1, needed)])

    def predict(self, docs: Iterable[Doc]) -> list[NDArray[np.int64]]:
        """Find the best tags of docs, without changing the docs.

        RETURNS: for each doc, its tag ids, shape (tokens,).
        RAISES: ValueError if the component was not initialized.
        """
        docs = list(docs)
        self._require_model()
        if not any(len(doc) for doc in docs):
            return [np.zeros(0, dtype=np.int64) for _ in docs]
        emissions = self.model.ops.xp.concatenate(self.model.predict(docs))
        # As in spaCy's ner, no entity begins or ends with a token of white space.
        is_space = np.concatenate([doc.to_array(IS_SPACE) for doc in docs]).astype(bool)
        if is_space.any():
            barred = is_space[:, None] & border_tags(len(self.labels))
            emissions[self.model.ops.xp.asarray(barred)] = -np.inf
        crf, lengths = self.model.get_ref("crf"), sequence_lengths(docs)
        threshold = self.cfg["threshold"]
        if threshold is None:
            tags = crf_decode(crf, emissions, lengths)
        else:
            candidates = candidate_spans(crf, emissions, lengths, max(threshold, _LEAST))
            tags = spans_to_ids(choose_spans(*candidates), len(emissions))
        return np.split(tags, np.cumsum([len(doc) for doc in docs])[:-1])

    def set_annotations(self, docs: Iterable[Doc], scores: list[NDArray[np.int64]]) -> None:
        """Write entities to docs.

        scores: tag ids of each doc, from `predict`.
        """
        labels = [self.vocab.strings.add(label) for label in self.labels]
        for doc, ids in zip(docs, scores):
            spans = [
                Span(doc, start, end, label=labels[label])
                for start, end, label in zip(*(column.tolist() for column in ids_to_spans(ids)))
            ]
            blocked = []
            if doc.has_annotation("ENT_IOB"):
                iob, types = doc.to_array([ENT_IOB, ENT_TYPE]).T
                is_blocked = (iob == IOB_BEGIN) & (types == 0)
                taken = (types != 0) | is_blocked
                spans = [span for span in spans if not taken[span.start : span.end].any()]
                blocked = [doc[i : i + 1] for i in np.flatnonzero(is_blocked).tolist()]
            doc.set_ents([*doc.ents, *spans], blocked=blocked)

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
        docs = [eg.predicted for eg in examples]
        if not any(len(doc) for doc in docs):
            return losses
        set_dropout_rate(self.model, drop)
        emissions, backprop = self.model.begin_update(docs)
        loss, d_emissions = self._get_loss(examples, emissions, join=True)
        backprop(d_emissions)
        if sgd not in (None, False):
            self.finish_update(sgd)
        losses[self.name] += loss
        return losses

    def get_loss(
        self, examples: Iterable[Example], scores: list[Floats2d]
    ) -> tuple[float, list[Floats2d]]:
        """The negative log-likelihood of the examples' tags, divided by the number of sequences.

        Tokens whose tag is unknown are summed out. The gradients of the CRF's transitions are
        added to the model.

        scores: the emissions of each predicted doc, arrays of shape (tokens, tags).
        RETURNS: the loss, and its gradient for the emissions.
        RAISES: ValueError if the loss is not a finite number, or an example has a label that the
            component does not have.
        """
        examples = list(examples)
        validate_examples(examples, "BiLSTMCRFRecognizer.get_loss")
        return self._get_loss(examples, scores, join=False)

    def _get_loss(
        self, examples: list[Example], scores: list[Floats2d], *, join: bool
    ) -> tuple[float, list[Floats2d]]:
        tags = gold_tag_ids(examples, self.labels, name=self.name)
        lengths = sequence_lengths(eg.predicted for eg in examples)
        lengths = join_across_entities(lengths, tags)
        flat = self.model.ops.xp.concatenate(scores)
        loss, backprop = crf_loss(self.model.get_ref("crf"), flat, tags, lengths, join=join)
        if not np.isfinite(loss):
            raise ValueError(
                f"The loss of '{self.name}' is {loss}. The model can't recover from this: try a "
                "lower learning rate, or gradient clipping (grad_clip of the optimizer), and check "
                "the word vectors for values that are not finite."
            )
        doc_lengths: Any = np.array([len(eg.predicted) for eg in examples])
        return loss, self.model.ops.unflatten(backprop(), doc_lengths)

    def from_bytes(
        self, bytes_data: bytes, *, exclude: Iterable[str] = ()
    ) -> "BiLSTMCRFRecognizer":
        """Load the component from bytes.

        RAISES: ValueError if they are damaged or belong to another model.
        """
        with self._readable("the given bytes"):
            super().from_bytes(bytes_data, exclude=exclude)
        return self

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> "BiLSTMCRFRecognizer":
        """Load the component from a directory.

        RAISES: ValueError if a file is damaged or belongs to another model.
        """
        with self._readable(str(path)):
            super().from_disk(path, exclude=exclude)
        return self

    @contextmanager
    def _readable(self, source: str) -> Iterator[None]:
        cfg, built = dict(self.cfg), self.model.has_dim("nO")
        model = self.model.to_bytes() if built else None
        try:
            yield
            n_labels, size = len(self.labels), self.model.maybe_get_dim("nO")
            if size is not None and size != n_tags(n_labels):
                raise ValueError(
                    f"{n_labels} labels ({n_tags(n_labels)} tags) do not fit a model of {size} tags"
                )
        except Exception as error:
            self.cfg = cfg
            if model is not None:
                self.model.from_bytes(model)
            if isinstance(error, OSError):
                raise
            raise ValueError(
                f"Can't load '{self.name}' from {source}: the data is damaged or cut short, or "
                f"belongs to a model of another config ({type(error).__name__}: {error}). Copy or "
                "train the pipeline again."
            ) from error

    def _require_model(self) -> None:
        if self.model.has_dim("nO") is None or not self.labels:
            raise ValueError(Errors.E109.format(name=self.name))
