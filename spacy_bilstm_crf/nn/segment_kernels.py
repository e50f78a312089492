"""Compiled loops over rows, on a CPU: sums by group, and words from characters."""

import numpy as np
from numpy.typing import NDArray

from .compiled import compiled


@compiled
def add_rows(rows: NDArray, group_of: NDArray, total: NDArray) -> None:
    """Add each row to its group: `total[group_of[t]] += rows[t]`, as many columns as there are."""
    for t in range(len(group_of)):
        own, row = total[group_of[t]], rows[t]
        for j in range(len(own)):
            own[j] += row[j]


@compiled
def put_means(
    output: NDArray, group_of: NDArray, total: NDArray, counts: NDArray, column: int
) -> None:
    """Write the mean of each token's group: `output[t, column:] = total / counts`."""
    for t in range(len(group_of)):
        own, row = total[group_of[t]], output[t][column:]
        share = np.float32(1.0) / np.float32(counts[group_of[t]])
        for j in range(len(own)):
            row[j] = own[j] * share


@compiled
def convolve_words(
    chars: NDArray,
    table: NDArray,
    bias: NDArray,
    output: NDArray,
    argmax: NDArray,
    padding: int,
) -> None:
    """The character CNN of `CharCNN` in a loop.

    chars: (words, characters) ids, padding after the last one of a word.
    table: (ids, window, filters) what each character adds at each place of the window.
    output: (words, filters) gets the maxima over a word's characters.
    argmax: (words, filters) gets the places of the maxima.
    """
    _, window, filters = table.shape
    half = window // 2
    response = np.empty(filters, dtype=table.dtype)
    for word in range(len(chars)):
        greatest, where = output[word], argmax[word]
        length = 1
        while length < chars.shape[1] and chars[word, length] != padding:
            length += 1
        for place in range(length):
            response[:] = bias
            for k in range(window):
                at = place + k - half
                added = table[chars[word, at] if 0 <= at < chars.shape[1] else padding, k]
                for f in range(filters):
                    response[f] += added[f]
            for f in range(filters):
                if place == 0 or response[f] > greatest[f]:
                    greatest[f] = response[f]
                    where[f] = place


@compiled
def convolve_words_back(
    chars: NDArray, argmax: NDArray, d_output: NDArray, d_table: NDArray, padding: int
) -> None:
    """The way back: `d_table` gets, added, the gradient of what each character adds.

    d_output: (words, filters). The others as for `convolve_words`.
    """
    _, window, filters = d_table.shape
    half = window // 2
    for word in range(len(chars)):
        for f in range(filters):
            for k in range(window):
                at = argmax[word, f] + k - half
                char = chars[word, at] if 0 <= at < chars.shape[1] else padding
                d_table[char, k, f] += d_output[word, f]


def warm_up() -> None:
    """Load all of them, by a call for one token."""
    row, first = np.zeros((1, 2), dtype=np.float32), np.zeros(1, dtype=np.int64)
    add_rows(row, first, row[:, :1].copy())
    put_means(row, first, row[:, :1].copy(), np.ones(1, dtype=np.int64), 1)
    table = np.zeros((1, 1, 2), dtype=np.float32)
    place = np.zeros((1, 2), dtype=np.int32)
    convolve_words(np.zeros((1, 1), dtype=np.int64), table, row[0], row, place, 0)
