"""All probes, in order."""

from __future__ import annotations

from tools.backends import arrays, elementwise, numeric, sparse
from tools.backends.probe import Probe


def all_probes() -> list[Probe]:
    """Return every probe; their places in this list are their names."""
    return [*elementwise.probes(), *arrays.probes(), *numeric.probes(), *sparse.probes()]


NOT_PROBED = {
    "runs no kernel": (
        "Const EmptyTensorList EnsureShape Enter Exit HashTable HashTableV2 IdentityN If InitializeTable"
        " InitializeTableV2 LookupTableFind LookupTableFindV2 LookupTableImport LookupTableImportV2 LookupTableSize"
        " LookupTableSizeV2 LoopCond Merge NextIteration NoOp Placeholder PlaceholderWithDefault Print Rank ShapeN Size"
        " Snapshot StatelessIf StatelessWhile StopGradient Switch TensorArrayCloseV3 TensorArraySizeV3 TensorArrayV3"
        " TensorListLength TensorListReserve TensorListResize While"
    ),
    "stacks, joins, slices or picks, as ops of their own do": (
        "TensorArrayConcatV3 TensorArrayGatherV3 TensorArrayReadV3 TensorArrayScatterV3 TensorArraySplitV3"
        " TensorArrayWriteV3 TensorListConcat TensorListConcatV2 TensorListFromTensor TensorListGather"
        " TensorListGetItem TensorListPopBack TensorListPushBack TensorListScatter TensorListScatterV2"
        " TensorListSetItem TensorListSplit TensorListStack"
    ),
    "is another name of an op that is probed": (
        "BatchMatMul Concat DepthwiseConv2d Div FusedBatchNorm FusedBatchNormV2 Gather Mod NonMaxSuppressionV2 Reverse"
        " Select"
    ),
    "is always spelled in other ops": "FakeQuantWithMinMaxVars MaxPoolWithArgmax Ones Zeros",
    "gives random numbers": "Multinomial RandomStandardNormal RandomUniform RandomUniformInt TruncatedNormal",
    "works on shapes, which no backend has on its device": "BroadcastArgs",
}
"""Ops of TensorFlow.js that have no probe, by reason."""
