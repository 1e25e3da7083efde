"""`keras.ops` of vectors and matrices: products, Fourier transforms, decompositions."""

from functools import partial

from tests.oracle.keras_matrix.suite import Fed, operation, real
from tests.oracle.samples import like_identity, positive_definite

op = partial(operation, family="operations_linear")

_SQUARE = Fed((None, 3, 3), like_identity())
_POSITIVE = Fed((None, 3, 3), positive_definite())

op("matmul", real(None, 3, 4), real(None, 4, 2))
op("matmul", real(None, 3, 4), real(4, 2), variant="shared")
op("matmul", real(None, 4), real(4), variant="vector")
op("matmul", real(None, 2, 3, 4), real(None, 2, 4, 5), variant="rank_4")
op("dot", real(None, 4), real(4, 3))
op("dot", real(5), real(5), variant="vectors")
op("tensordot", real(None, 3, 4), real(4, 5), axes=1)
op("tensordot", real(None, 3, 4), real(3, 4, 5), axes=[[1, 2], [0, 1]], variant="axes")
op("inner", real(None, 4), real(3, 4))
op("outer", real(4), real(3))
op("vdot", real(5), real(5))
op("cross", real(None, 3), real(None, 3))
op("kron", real(2, 3), real(3, 2))
op("cdist", real(None, 4, 3), real(None, 5, 3))
for _name, _subscripts, _shapes in (
    ("product", "bij,bjk->bik", ((None, 2, 3), (None, 3, 4))),
    ("transposed", "bij->bji", ((None, 2, 3),)),
    ("sum", "bij->b", ((None, 2, 3),)),
    ("heads", "bqhd,bkhd->bhqk", ((None, 4, 2, 3), (None, 5, 2, 3))),
    ("outer", "bi,bj->bij", ((None, 3), (None, 4))),
    ("three", "bi,ij,bj->b", ((None, 3), (3, 4), (None, 4))),
    ("ellipsis", "...i,ij->...j", ((None, 2, 3), (3, 4))),
):
    op("einsum", _subscripts, *(real(*shape) for shape in _shapes), variant=_name)
op("normalize", real(None, 5), axis=-1)
op("normalize", real(None, 3, 5), axis=1, order=1, variant="of_one")
op("normalize", real(None, 3, 5), axis=-1, order=3, variant="of_three")

op("fft", (real(None, 8), real(None, 8)))
op("fft2", (real(None, 4, 8), real(None, 4, 8)))
op("ifft2", (real(None, 4, 8), real(None, 4, 8)))
op("rfft", real(None, 8))
op("rfft", real(None, 8), fft_length=16, variant="longer")
op("irfft", (real(None, 5), real(None, 5)))
op("stft", real(None, 40), 16, 8, 16)
op("istft", (real(None, 4, 9), real(None, 4, 9)), 16, 8, 16)
op("irfft", (real(None, 5), real(None, 5)), fft_length=14, variant="longer")
for _name, _settings in {
    "hamming": {"window": "hamming"},
    "rectangular": {"window": None, "center": False},
    "of_length": {"length": 25},
    "not_centered": {"length": 30, "center": False, "window": "hamming"},
}.items():
    op("istft", (real(None, 4, 9), real(None, 4, 9)), 16, 8, 16, variant=_name, **_settings)
op("istft", (real(None, 2, 5, 11), real(None, 2, 5, 11)), 14, 5, 20, variant="padded")
op("istft", (real(None, 5, 8), real(None, 5, 8)), 15, 4, 15, variant="odd")
op("stft", real(None, 40), 15, 7, 16, window="hamming", variant="odd")
op("istft", (real(None, 4, 7), real(None, 4, 7)), 16, 8, 16, variant="filled")

for _name in ("cholesky", "cholesky_inverse"):
    op(_name, _POSITIVE)
for _name in ("det", "inv", "logdet", "pinv", "qr", "slogdet", "svd", "matrix_rank"):
    op(_name, _SQUARE)
op("lu_factor", Fed((3, 3), like_identity()))
op("eigh", _POSITIVE)
op("solve", _SQUARE, real(None, 3, 2))
op("solve_triangular", _SQUARE, real(None, 3, 2))
op("lstsq", real(4, 3), real(4, 2))
op("svd", _SQUARE, compute_uv=False, variant="values")
for _name in ("cholesky", "inv", "qr"):
    op(f"linalg.{_name}", _POSITIVE)
