"""The compiled solvers of the factor and regression models. Import only through `dense.solvers`.

Own loops instead of LAPACK: the systems are small and many, and a BLAS that puts all cores on
each of them is ten times as slow on a busy machine, and not the same to the bit on another
number of cores. All kernels stand in one file because numba's cache does not notice a change in
another.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit

# Sums may be regrouped, which is what lets them be vectorised; the same on every run.
_REGROUPED = {"reassoc", "contract", "nsz"}


def _compiled(function: Callable[..., Any], *, regrouped: bool = True) -> Callable[..., Any]:
    """Compile, keeping the machine code on disk where a place can be written to."""
    options: dict[str, Any] = {
        "nogil": True,
        "error_model": "numpy",
        "fastmath": _REGROUPED if regrouped else set(),
    }
    try:
        compiled: Callable[..., Any] = njit(cache=True, **options)(function)
    except RuntimeError:
        # A read-only file system has no place for the cache: compile in every process.
        compiled = njit(**options)(function)
    return compiled


def _solve_in_place(square: Any, right: Any, n: Any, floor: Any) -> None:
    """Overwrite right[:n] with the solution of square x = right, by Cholesky's upper factor.

    Reads and overwrites the upper triangle of square[:n, :n]. No pivot goes below `floor`.
    """
    for k in range(n):
        inverse = 1.0 / np.sqrt(max(square[k, k], floor))
        for j in range(k, n):
            square[k, j] *= inverse
        square[k, k] = 1.0 / inverse
        right[k] *= inverse
        for i in range(k + 1, n):
            factor = square[k, i]
            if factor == 0.0:
                continue
            for j in range(i, n):
                square[i, j] -= factor * square[k, j]
            right[i] -= factor * right[k]
    for k in range(n - 1, -1, -1):
        rest = right[k]
        for j in range(k + 1, n):
            rest -= square[k, j] * right[j]
        right[k] = rest / square[k, k]


_solve_in_place = _compiled(_solve_in_place)


def _fill_square(target: Any, gram: Any, lists: Any, l2: Any, scratch: Any) -> None:
    """Write G + l2 I of the items of a target's list to the upper triangle of the square."""
    indptr, items, values, diagonal, head, ranks = gram
    list_indptr, list_items = lists
    place_of, square = scratch
    first = list_indptr[target]
    n = list_indptr[target + 1] - first
    for place in range(n):
        item = list_items[first + place]
        square[place, place:n] = 0.0
        square[place, place] = diagonal[item] + l2
        for entry in range(indptr[item], indptr[item + 1]):
            if place_of[items[entry]] > place:
                square[place, place_of[items[entry]]] = values[entry]
        if ranks[item] < len(head):
            for column in range(place + 1, n):
                rank = ranks[list_items[first + column]]
                if rank < len(head):
                    square[place, column] = head[ranks[item], rank]


_fill_square = _compiled(_fill_square)


def _fill_right(target: Any, gram: Any, lists: Any, place_of: Any, right: Any) -> None:
    """Write G of a target and the items of its list to `right`."""
    indptr, items, values, _, head, ranks = gram
    list_indptr, list_items = lists
    right[:] = 0.0
    for entry in range(indptr[target], indptr[target + 1]):
        if place_of[items[entry]] >= 0:
            right[place_of[items[entry]]] = values[entry]
    if ranks[target] < len(head):
        for place in range(len(right)):
            rank = ranks[list_items[list_indptr[target] + place]]
            if rank < len(head):
                right[place] = head[ranks[target], rank]


_fill_right = _compiled(_fill_right)


def _solve_local(
    start: Any, stop: Any, gram: Any, lists: Any, l2: Any, scratch: Any, out: Any
) -> None:
    """Write the ridge regression of each target start..stop on the items of its list to `out`."""
    list_indptr, list_items = lists
    place_of, square = scratch
    for target in range(start, stop):
        first, last = list_indptr[target], list_indptr[target + 1]
        for entry in range(first, last):
            place_of[list_items[entry]] = entry - first
        _fill_square(target, gram, lists, l2, scratch)
        _fill_right(target, gram, lists, place_of, out[first:last])
        for entry in range(first, last):
            place_of[list_items[entry]] = -1
        _solve_in_place(square, out[first:last], last - first, l2)


solve_local = _compiled(_solve_local)


def _solve_rows(
    start: Any, stop: Any, rows: Any, other: Any, gram: Any, l2: Any, square: Any, out: Any
) -> None:
    """Solve (gram + Σ weight y yᵀ + l2 I) x = Σ target y of the rows start..stop exactly."""
    indptr, indices, weights, targets = rows
    n = other.shape[1]
    for row in range(start, stop):
        right = out[row]
        right[:] = 0.0
        for i in range(n):
            for j in range(i, n):
                square[i, j] = gram[i, j]
            square[i, i] += l2[row]
        for entry in range(indptr[row], indptr[row + 1]):
            vector = other[indices[entry]]
            for i in range(n):
                right[i] += targets[entry] * vector[i]
                factor = weights[entry] * vector[i]
                for j in range(i, n):
                    square[i, j] += factor * vector[j]
        _solve_in_place(square, right, n, 0.0)


solve_rows = _compiled(_solve_rows)


def _multiply(row: Any, rows: Any, other: Any, gram: Any, l2: Any, vector: Any, out: Any) -> None:
    """Write (gram + Σ weight y yᵀ + l2 I) vector to `out`; the square is never made."""
    indptr, indices, weights, _ = rows
    n = len(vector)
    for i in range(n):
        out[i] = l2[row] * vector[i]
    for i in range(n):
        factor = vector[i]
        for j in range(n):
            out[j] += factor * gram[i, j]
    for entry in range(indptr[row], indptr[row + 1]):
        with_item = other[indices[entry]]
        product = 0.0
        for i in range(n):
            product += vector[i] * with_item[i]
        product *= weights[entry]
        for i in range(n):
            out[i] += product * with_item[i]


_multiply = _compiled(_multiply)


def _dot(left: Any, right: Any) -> Any:
    total = 0.0
    for i in range(len(left)):
        total += left[i] * right[i]
    return total


_dot = _compiled(_dot)


def _start(row: Any, rows: Any, other: Any, solution: Any, scratch: Any) -> None:
    """Write the residual of a solution whose image is known, and walk along it first."""
    indptr, indices, _, targets = rows
    residual, direction, image = scratch[0], scratch[1], scratch[2]
    for i in range(len(solution)):
        residual[i] = -image[i]
    for entry in range(indptr[row], indptr[row + 1]):
        vector = other[indices[entry]]
        for i in range(len(solution)):
            residual[i] += targets[entry] * vector[i]
    direction[:] = residual


_start = _compiled(_start)


def _improve_rows(
    start: Any,
    stop: Any,
    rows: Any,
    other: Any,
    gram: Any,
    l2: Any,
    steps: Any,
    scratch: Any,
    out: Any,
) -> None:
    """Take steps of conjugate gradients from what `out` holds, on the systems of `solve_rows`."""
    residual, direction, image = scratch[0], scratch[1], scratch[2]
    for row in range(start, stop):
        solution = out[row]
        if rows[0][row] == rows[0][row + 1]:
            solution[:] = 0.0
            continue
        _multiply(row, rows, other, gram, l2, solution, image)
        _start(row, rows, other, solution, scratch)
        length = _dot(residual, residual)
        for _ in range(steps):
            if length < 1e-20:
                break
            _multiply(row, rows, other, gram, l2, direction, image)
            step = length / _dot(direction, image)
            for i in range(len(solution)):
                solution[i] += step * direction[i]
                residual[i] -= step * image[i]
            shorter = _dot(residual, residual)
            for i in range(len(solution)):
                direction[i] = residual[i] + shorter / length * direction[i]
            length = shorter


improve_rows = _compiled(_improve_rows)


def _best_of_rows(scores: Any, barred: Any, k: Any, first: Any, found: Any) -> None:
    """Write the k largest scores above 0 of each row to found[first:], ties to the left."""
    barred_indptr, barred_items = barred
    values = np.empty(k, dtype=scores.dtype)
    for position in range(len(scores)):
        row, best = scores[position], found[first + position]
        for entry in range(barred_indptr[first + position], barred_indptr[first + position + 1]):
            row[barred_items[entry]] = 0.0
        size = 0
        for column in range(len(row)):
            score = row[column]
            # Columns ascend, so one that ties with the last place comes too late.
            if not score > 0.0 or (size == k and score <= values[k - 1]):
                continue
            place = size if size < k else k - 1
            while place > 0 and values[place - 1] < score:
                values[place], best[place] = values[place - 1], best[place - 1]
                place -= 1
            values[place], best[place] = score, column
            size = min(size + 1, k)


best_of_rows = _compiled(_best_of_rows)


def _rise(heap: Any, size: Any, value: Any) -> None:
    """Add a value to a heap of `size` values whose root is the smallest."""
    at = size
    while at > 0 and value < heap[(at - 1) // 2]:
        heap[at] = heap[(at - 1) // 2]
        at = (at - 1) // 2
    heap[at] = value


_rise = _compiled(_rise)


def _sink(heap: Any, value: Any) -> None:
    """Put a value in place of the root of a full heap."""
    at = 0
    while 2 * at + 1 < len(heap):
        child = 2 * at + 1
        if child + 1 < len(heap) and heap[child + 1] < heap[child]:
            child += 1
        if value <= heap[child]:
            break
        heap[at] = heap[child]
        at = child
    heap[at] = value


_sink = _compiled(_sink)


def _bounds_of_rows(values: Any, inner: Any, floor: Any, k: Any, least: Any, largest: Any) -> None:
    """Write the k-th largest and the largest value of each row where `inner` is above its floor.

    Rows with fewer than k such values keep what `least` holds, rows with none what `largest` holds.
    """
    heap = np.empty(k, dtype=values.dtype)
    for row in range(len(values)):
        size = 0
        for column in range(values.shape[1]):
            value = values[row, column]
            if (size == k and value <= heap[0]) or not inner[row, column] > floor[row]:
                continue
            largest[row] = value if size == 0 else max(largest[row], value)
            if size < k:
                _rise(heap, size, value)
                size += 1
            else:
                _sink(heap, value)
        if size == k:
            least[row] = heap[0]


bounds_of_rows = _compiled(_bounds_of_rows)


def _count_at_least(values: Any, inner: Any, least: Any, lengths: Any) -> None:
    """Write how many values of each row are at least `least` where `inner` is above 0."""
    for row in range(len(values)):
        length = 0
        for column in range(values.shape[1]):
            if values[row, column] >= least[row] and inner[row, column] > 0.0:
                length += 1
        lengths[row] = length


count_at_least = _compiled(_count_at_least)


def _write_at_least(values: Any, inner: Any, least: Any, columns: Any) -> None:
    """Write the columns that `count_at_least` counts, row by row, ascending."""
    place = 0
    for row in range(len(values)):
        for column in range(values.shape[1]):
            if values[row, column] >= least[row] and inner[row, column] > 0.0:
                columns[place] = column
                place += 1


write_at_least = _compiled(_write_at_least)


def _inner_of_pairs(rows: Any, columns: Any, left: Any, right: Any, of_row: Any, out: Any) -> None:
    """Write the inner products of pairs of rows, summed up in the order of columns.

    `of_row` holds zeros, one per column, and holds them again at the end.
    """
    left_indptr, left_indices, left_values = left
    right_indptr, right_indices, right_values = right
    for pair in range(len(rows)):
        row = rows[pair]
        if pair == 0 or row != rows[pair - 1]:
            for entry in range(left_indptr[row], left_indptr[row + 1]):
                of_row[left_indices[entry]] = left_values[entry]
        total = 0.0
        for entry in range(right_indptr[columns[pair]], right_indptr[columns[pair] + 1]):
            total += of_row[right_indices[entry]] * right_values[entry]
        out[pair] = total
        if pair == len(rows) - 1 or row != rows[pair + 1]:
            for entry in range(left_indptr[row], left_indptr[row + 1]):
                of_row[left_indices[entry]] = 0.0


# One by one, as NumPy and SciPy add up: the products are exact, so that the sums are the same.
inner_of_pairs = _compiled(_inner_of_pairs, regrouped=False)
