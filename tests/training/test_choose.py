"""The config that is chosen for a corpus, and why."""

import pytest
import spacy
from spacy.util import load_model_from_config

from spacy_bilstm_crf.corpora.annotated import AnnotatedSpan, AnnotatedText
from spacy_bilstm_crf.training.choose import apply, choose, template

TOK2VEC = "components.bilstm_crf_ner.model.tok2vec"
SENTENCE = "Anna Holt came to Oslo, and she has not been there before."


def text(words=SENTENCE, n=1, **kwargs):
    joined = " ".join([words] * n)
    start = joined.index(words.split()[0])
    span = AnnotatedSpan(start, start + len(words.split()[0]), "PER")
    return AnnotatedText(joined, [span], **kwargs)


def in_tokens(n_sentences=1):
    joined = " ".join([SENTENCE] * n_sentences)
    tokens = [(t.idx, t.idx + len(t)) for t in spacy.blank("en").make_doc(joined)]
    starts = [i * (len(SENTENCE) + 1) for i in range(n_sentences)]
    return text(n=n_sentences, tokens=tokens, sentences=starts)


def chosen(texts, **kwargs):
    found = choose(texts, **kwargs)
    return {choice.name: choice.value for choice in found.choices}, found.config


def test_documents_get_a_memory_and_sentences_do_not():
    choices, config = chosen([in_tokens(5)] * 10)
    assert choices[f"{TOK2VEC}.doc_memory"] == 0.5
    assert config["corpora"]["train"]["max_sentences"] == 1000
    choices, config = chosen([in_tokens(1)] * 50)
    assert choices[f"{TOK2VEC}.doc_memory"] == 0.0
    assert config["corpora"]["dev"]["max_sentences"] == 8


def test_language_and_tokenizer():
    choices, _ = chosen([text()] * 10)
    assert choices["nlp.lang"] == "en" and "nlp.tokenizer" not in choices
    assert chosen([text()] * 10, lang="de")[0]["nlp.lang"] == "de"
    choices, config = chosen([text("張三在北京工作")] * 10)
    assert choices["nlp.tokenizer"]["@tokenizers"].endswith("CharacterTokenizer.v1")
    nlp = load_model_from_config(config, auto_fill=True)
    assert [t.text for t in nlp.make_doc("張三 ok")] == ["張", "三", "ok"]


def test_borders_inside_tokens_ask_for_another_tokenizer():
    line = "1.Item of the contract is here and there\n"
    texts = [AnnotatedText(line * 6, [AnnotatedSpan(2, 6, "X")])] * 20
    choices, config = chosen(texts)
    assert choices["nlp.tokenizer"]["@tokenizers"].endswith("WordPunctTokenizer.v1")
    assert choices["nlp.pipeline"] == ["line_sentencizer", "bilstm_crf_ner"]
    nlp = load_model_from_config(config, auto_fill=True)
    assert nlp.pipe_names == ["line_sentencizer", "bilstm_crf_ner"]


def test_steps_grow_with_the_root_of_the_words():
    def steps(n):
        return chosen([in_tokens(1)] * n)[0]["training.optimizer.learn_rate.total_steps"]

    assert steps(10) == 600
    assert steps(4000) == pytest.approx(2 * steps(1000), abs=100)
    choices, config = chosen([in_tokens(1)] * 4000)
    total = choices["training.optimizer.learn_rate.total_steps"]
    assert choices["training.patience"] == total // 2
    assert 15 <= total / choices["training.eval_frequency"] <= 25


def test_a_gpu_reads_as_many_words_in_fewer_steps():
    words_and_steps = []
    for gpu in (False, True):
        _, config = chosen([text()] * 1000, gpu=gpu)
        training = config["training"]
        steps = training["optimizer"]["learn_rate"]["total_steps"]
        words_and_steps.append((training["batcher"]["size"], steps))
    (size, steps), (gpu_size, gpu_steps) = words_and_steps
    assert (size, gpu_size) == (350, 1000)
    assert gpu_size * gpu_steps == pytest.approx(size * steps, rel=0.1)


def test_sizes():
    texts = [in_tokens(1)] * 4000
    fast, default, best = (
        chosen(texts, size=size, vectors="v")[0] for size in ("fast", "default", "best")
    )
    steps = "training.optimizer.learn_rate.total_steps"
    assert fast[steps] == pytest.approx(default[steps] / 2, abs=100)
    assert fast[f"{TOK2VEC}.hidden_width"] == 64 and best[f"{TOK2VEC}.hidden_width"] == 200
    assert best[f"{TOK2VEC}.embed.static_vectors"] == "tuned" and default["paths.vectors"] == "v"


def test_minutes_limit_the_steps():
    texts = [in_tokens(1)] * 400
    steps = "training.optimizer.learn_rate.total_steps"
    unlimited = chosen(texts)[0][steps]
    found = choose(texts, minutes=0.02)
    (own,) = (c for c in reversed(found.choices) if c.name == steps)
    assert 20 <= own.value < unlimited and "minutes are given" in own.reason
    assert found.config["training"]["optimizer"]["learn_rate"]["total_steps"] == own.value
    assert chosen(texts, minutes=60)[0][steps] == unlimited
    raw = [AnnotatedText("Maria left Oslo .", [AnnotatedSpan(0, 5, "PER")])] * 20
    assert steps in chosen(raw, minutes=60)[0]


def test_noisy_and_rejected_annotation():
    pair = AnnotatedText("New Oslo here", [AnnotatedSpan(0, 8, "LOC")])
    bare = AnnotatedText("New Oslo here")
    name = "components.bilstm_crf_ner.threshold"
    assert name not in chosen([pair] * 60)[0]
    assert chosen([pair] * 60 + [bare] * 40)[0][name] == 0.35
    wrong = AnnotatedText("New Oslo", unknown=[(0, 8)], wrong=[AnnotatedSpan(0, 8, "PER")])
    choices, _ = chosen([pair, wrong])
    assert choices["components.bilstm_crf_ner.incorrect_spans_key"] == "incorrect_spans"


def test_nothing_to_learn():
    with pytest.raises(ValueError, match="have no entities"):
        choose([AnnotatedText("Nothing here.")])


def test_sections_are_replaced_whole_and_the_template_stays():
    before = template().to_str()
    section = {"@schedules": "constant.v1", "rate": 0.1}
    config = apply(template(), {"training.optimizer.learn_rate": section})
    assert config["training"]["optimizer"]["learn_rate"] == section
    assert template().to_str() == before
