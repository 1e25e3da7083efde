"""Ops as methods, written by tools/op_calls.py out of TensorFlow's own descriptions."""

# ruff: noqa
import typing
from collections.abc import Sequence

from tfjs_build.convert.graph.ir import Graph, Operand, Value

class OpCalls:
    def multi(self, op: str, *inputs: Operand, **attrs: typing.Any) -> tuple[Value, ...]: ...
    def Abs(self, x_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Acos(self, x_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Acosh(self, x_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Add(self, x_: Operand, y_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def AddN(self, *inputs: Operand, _keep: bool = ...) -> Value: ...
    def AddV2(self, x_: Operand, y_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def AdjustContrastv2(self, images_: Operand, contrast_factor_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def AdjustHue(self, images_: Operand, delta_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def AdjustSaturation(self, images_: Operand, scale_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def All(
        self, input_: Operand, reduction_indices_: Operand, /, *, keep_dims: bool = ..., _keep: bool = ...
    ) -> Value: ...
    def Angle(self, input_: Operand, /, *, Tout: str = ..., _keep: bool = ...) -> Value: ...
    def Any(
        self, input_: Operand, reduction_indices_: Operand, /, *, keep_dims: bool = ..., _keep: bool = ...
    ) -> Value: ...
    def ApproximateEqual(self, x_: Operand, y_: Operand, /, *, tolerance: float = ..., _keep: bool = ...) -> Value: ...
    def ArgMax(
        self, input_: Operand, dimension_: Operand, /, *, output_type: str = ..., _keep: bool = ...
    ) -> Value: ...
    def ArgMin(
        self, input_: Operand, dimension_: Operand, /, *, output_type: str = ..., _keep: bool = ...
    ) -> Value: ...
    def Asin(self, x_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Asinh(self, x_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Assign(
        self,
        ref_: Operand,
        value_: Operand,
        /,
        *,
        validate_shape: bool = ...,
        use_locking: bool = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def AssignAdd(self, ref_: Operand, value_: Operand, /, *, use_locking: bool = ..., _keep: bool = ...) -> Value: ...
    def AssignSub(self, ref_: Operand, value_: Operand, /, *, use_locking: bool = ..., _keep: bool = ...) -> Value: ...
    def Atan(self, x_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Atan2(self, y_: Operand, x_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Atanh(self, x_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def AvgPool(
        self,
        value_: Operand,
        /,
        *,
        ksize: Sequence[int] = ...,
        strides: Sequence[int] = ...,
        padding: str | bytes = ...,
        data_format: str | bytes = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def AvgPool3D(
        self,
        input_: Operand,
        /,
        *,
        ksize: Sequence[int] = ...,
        strides: Sequence[int] = ...,
        padding: str | bytes = ...,
        data_format: str | bytes = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def BatchMatMul(
        self,
        x_: Operand,
        y_: Operand,
        /,
        *,
        adj_x: bool = ...,
        adj_y: bool = ...,
        grad_x: bool = ...,
        grad_y: bool = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def BatchMatMulV2(
        self,
        x_: Operand,
        y_: Operand,
        /,
        *,
        adj_x: bool = ...,
        adj_y: bool = ...,
        grad_x: bool = ...,
        grad_y: bool = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def BatchMatMulV3(
        self,
        x_: Operand,
        y_: Operand,
        /,
        *,
        Tout: str = ...,
        adj_x: bool = ...,
        adj_y: bool = ...,
        grad_x: bool = ...,
        grad_y: bool = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def BatchNormWithGlobalNormalization(
        self,
        t_: Operand,
        m_: Operand,
        v_: Operand,
        beta_: Operand,
        gamma_: Operand,
        /,
        *,
        variance_epsilon: float = ...,
        scale_after_normalization: bool = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def BatchToSpace(
        self, input_: Operand, crops_: Operand, /, *, block_size: int = ..., _keep: bool = ...
    ) -> Value: ...
    def BatchToSpaceND(
        self, input_: Operand, block_shape_: Operand, crops_: Operand, /, *, _keep: bool = ...
    ) -> Value: ...
    def BesselI0(self, x_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def BiasAdd(
        self, value_: Operand, bias_: Operand, /, *, data_format: str | bytes = ..., _keep: bool = ...
    ) -> Value: ...
    def BiasAddV1(self, value_: Operand, bias_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Bincount(self, arr_: Operand, size_: Operand, weights_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Bitcast(self, input_: Operand, /, *, type: str = ..., _keep: bool = ...) -> Value: ...
    def BitwiseAnd(self, x_: Operand, y_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def BitwiseOr(self, x_: Operand, y_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def BitwiseXor(self, x_: Operand, y_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def BroadcastArgs(self, s0_: Operand, s1_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def BroadcastTo(self, input_: Operand, shape_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Bucketize(self, input_: Operand, /, *, boundaries: Sequence[float] = ..., _keep: bool = ...) -> Value: ...
    def Case(
        self,
        *inputs: Operand,
        Tout: Sequence[str] = ...,
        branches: Sequence[Graph] = ...,
        output_shapes: Sequence[Sequence[int]] = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def Cast(self, x_: Operand, /, *, DstT: str = ..., Truncate: bool = ..., _keep: bool = ...) -> Value: ...
    def Ceil(self, x_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def CheckNumerics(self, tensor_: Operand, /, *, message: str | bytes = ..., _keep: bool = ...) -> Value: ...
    def CheckNumericsV2(self, tensor_: Operand, /, *, message: str | bytes = ..., _keep: bool = ...) -> Value: ...
    def ClipByValue(
        self, t_: Operand, clip_value_min_: Operand, clip_value_max_: Operand, /, *, _keep: bool = ...
    ) -> Value: ...
    def Complex(self, real_: Operand, imag_: Operand, /, *, Tout: str = ..., _keep: bool = ...) -> Value: ...
    def ComplexAbs(self, x_: Operand, /, *, Tout: str = ..., _keep: bool = ...) -> Value: ...
    def Concat(self, *inputs: Operand, N: int = ..., _keep: bool = ...) -> Value: ...
    def ConcatV2(self, *inputs: Operand, N: int = ..., _keep: bool = ...) -> Value: ...
    def Conj(self, input_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def ConjugateTranspose(self, x_: Operand, perm_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Const(self, *, value: typing.Any = ..., dtype: str = ..., _keep: bool = ...) -> Value: ...
    def Conv1D(
        self,
        x_: Operand,
        filter_: Operand,
        /,
        *,
        stride: float = ...,
        padding: str = ...,
        data_format: str = ...,
        dilation: float = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def Conv2D(
        self,
        input_: Operand,
        filter_: Operand,
        /,
        *,
        strides: Sequence[int] = ...,
        use_cudnn_on_gpu: bool = ...,
        padding: str | bytes = ...,
        explicit_paddings: Sequence[int] = ...,
        data_format: str | bytes = ...,
        dilations: Sequence[int] = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def Conv2DBackpropInput(
        self,
        input_sizes_: Operand,
        filter_: Operand,
        out_backprop_: Operand,
        /,
        *,
        strides: Sequence[int] = ...,
        use_cudnn_on_gpu: bool = ...,
        padding: str | bytes = ...,
        explicit_paddings: Sequence[int] = ...,
        data_format: str | bytes = ...,
        dilations: Sequence[int] = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def Conv3D(
        self,
        input_: Operand,
        filter_: Operand,
        /,
        *,
        strides: Sequence[int] = ...,
        padding: str | bytes = ...,
        data_format: str | bytes = ...,
        dilations: Sequence[int] = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def Conv3DBackpropInputV2(
        self,
        input_sizes_: Operand,
        filter_: Operand,
        out_backprop_: Operand,
        /,
        *,
        strides: Sequence[int] = ...,
        padding: str | bytes = ...,
        data_format: str | bytes = ...,
        dilations: Sequence[int] = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def Copy(
        self,
        input_: Operand,
        /,
        *,
        tensor_name: str | bytes = ...,
        debug_ops_spec: Sequence[str | bytes] = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def Cos(self, x_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Cosh(self, x_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def CropAndResize(
        self,
        image_: Operand,
        boxes_: Operand,
        box_ind_: Operand,
        crop_size_: Operand,
        /,
        *,
        method: str | bytes = ...,
        extrapolation_value: float = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def Cumprod(
        self, x_: Operand, axis_: Operand, /, *, exclusive: bool = ..., reverse: bool = ..., _keep: bool = ...
    ) -> Value: ...
    def Cumsum(
        self, x_: Operand, axis_: Operand, /, *, exclusive: bool = ..., reverse: bool = ..., _keep: bool = ...
    ) -> Value: ...
    def DebugIdentity(
        self,
        input_: Operand,
        /,
        *,
        device_name: str | bytes = ...,
        tensor_name: str | bytes = ...,
        debug_urls: Sequence[str | bytes] = ...,
        gated_grpc: bool = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def DebugIdentityV2(
        self,
        input_: Operand,
        /,
        *,
        tfdbg_context_id: str | bytes = ...,
        op_name: str | bytes = ...,
        output_slot: int = ...,
        tensor_debug_mode: int = ...,
        debug_urls: Sequence[str | bytes] = ...,
        circular_buffer_size: int = ...,
        tfdbg_run_id: str | bytes = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def DeepCopy(self, x_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def DenseBincount(
        self, input_: Operand, size_: Operand, weights_: Operand, /, *, binary_output: bool = ..., _keep: bool = ...
    ) -> Value: ...
    def DepthToSpace(
        self, input_: Operand, /, *, block_size: int = ..., data_format: str | bytes = ..., _keep: bool = ...
    ) -> Value: ...
    def DepthwiseConv2d(
        self,
        input_: Operand,
        filter_: Operand,
        /,
        *,
        strides: Sequence[int] = ...,
        padding: str = ...,
        data_format: str = ...,
        explicit_paddings: Sequence[int] = ...,
        dilations: Sequence[int] = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def DepthwiseConv2dNative(
        self,
        input_: Operand,
        filter_: Operand,
        /,
        *,
        strides: Sequence[int] = ...,
        padding: str | bytes = ...,
        explicit_paddings: Sequence[int] = ...,
        data_format: str | bytes = ...,
        dilations: Sequence[int] = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def Diag(self, diagonal_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def DiagPart(self, input_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Digamma(self, x_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Dilation2D(
        self,
        input_: Operand,
        filter_: Operand,
        /,
        *,
        strides: Sequence[int] = ...,
        rates: Sequence[int] = ...,
        padding: str | bytes = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def Div(self, x_: Operand, y_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def DivNoNan(self, x_: Operand, y_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def DynamicStitch(self, *inputs: Operand, _keep: bool = ...) -> Value: ...
    def Einsum(
        self, *inputs: Operand, equation: str | bytes = ..., N: int = ..., T: str = ..., _keep: bool = ...
    ) -> Value: ...
    def Elu(self, features_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def EmptyTensorList(
        self, element_shape_: Operand, max_num_elements_: Operand, /, *, element_dtype: str = ..., _keep: bool = ...
    ) -> Value: ...
    def EnsureShape(self, input_: Operand, /, *, shape: Sequence[int] = ..., _keep: bool = ...) -> Value: ...
    def Enter(
        self,
        data_: Operand,
        /,
        *,
        frame_name: str | bytes = ...,
        is_constant: bool = ...,
        parallel_iterations: int = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def Equal(
        self, x_: Operand, y_: Operand, /, *, incompatible_shape_error: bool = ..., _keep: bool = ...
    ) -> Value: ...
    def Erf(self, x_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Erfc(self, x_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Erfinv(self, x_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def EuclideanNorm(
        self, input_: Operand, reduction_indices_: Operand, /, *, keep_dims: bool = ..., _keep: bool = ...
    ) -> Value: ...
    def Exit(self, data_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Exp(self, x_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def ExpandDims(self, input_: Operand, dim_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Expm1(self, x_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def ExtractImagePatches(
        self,
        images_: Operand,
        /,
        *,
        ksizes: Sequence[int] = ...,
        strides: Sequence[int] = ...,
        rates: Sequence[int] = ...,
        padding: str | bytes = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def FFT(self, input_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def FFT2D(self, input_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def FFT3D(self, input_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def FakeQuantWithMinMaxArgs(
        self,
        inputs_: Operand,
        /,
        *,
        min: float = ...,
        max: float = ...,
        num_bits: int = ...,
        narrow_range: bool = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def FakeQuantWithMinMaxVars(
        self,
        inputs_: Operand,
        min_: Operand,
        max_: Operand,
        /,
        *,
        num_bits: int = ...,
        narrow_range: bool = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def FakeQuantWithMinMaxVarsPerChannel(
        self,
        inputs_: Operand,
        min_: Operand,
        max_: Operand,
        /,
        *,
        num_bits: int = ...,
        narrow_range: bool = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def Fill(self, dims_: Operand, value_: Operand, /, *, T: str = ..., _keep: bool = ...) -> Value: ...
    def Floor(self, x_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def FloorDiv(self, x_: Operand, y_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def FloorMod(self, x_: Operand, y_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Gather(
        self, params_: Operand, indices_: Operand, /, *, validate_indices: bool = ..., _keep: bool = ...
    ) -> Value: ...
    def GatherNd(
        self, params_: Operand, indices_: Operand, /, *, bad_indices_policy: str | bytes = ..., _keep: bool = ...
    ) -> Value: ...
    def GatherV2(
        self, params_: Operand, indices_: Operand, axis_: Operand, /, *, batch_dims: int = ..., _keep: bool = ...
    ) -> Value: ...
    def Greater(self, x_: Operand, y_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def GreaterEqual(self, x_: Operand, y_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def HSVToRGB(self, images_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def HashTable(
        self,
        *,
        container: str | bytes = ...,
        shared_name: str | bytes = ...,
        use_node_name_sharing: bool = ...,
        key_dtype: str = ...,
        value_dtype: str = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def HashTableV2(
        self,
        *,
        container: str | bytes = ...,
        shared_name: str | bytes = ...,
        use_node_name_sharing: bool = ...,
        key_dtype: str = ...,
        value_dtype: str = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def IFFT(self, input_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def IFFT2D(self, input_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def IFFT3D(self, input_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def IRFFT(self, input_: Operand, fft_length_: Operand, /, *, Treal: str = ..., _keep: bool = ...) -> Value: ...
    def IRFFT2D(self, input_: Operand, fft_length_: Operand, /, *, Treal: str = ..., _keep: bool = ...) -> Value: ...
    def IRFFT3D(self, input_: Operand, fft_length_: Operand, /, *, Treal: str = ..., _keep: bool = ...) -> Value: ...
    def Identity(self, input_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def IdentityN(self, *inputs: Operand, _keep: bool = ...) -> Value: ...
    def If(
        self,
        *inputs: Operand,
        Tout: Sequence[str] = ...,
        then_branch: Graph = ...,
        else_branch: Graph = ...,
        output_shapes: Sequence[Sequence[int]] = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def Imag(self, input_: Operand, /, *, Tout: str = ..., _keep: bool = ...) -> Value: ...
    def ImageProjectiveTransformV2(
        self,
        images_: Operand,
        transforms_: Operand,
        output_shape_: Operand,
        /,
        *,
        interpolation: str | bytes = ...,
        fill_mode: str | bytes = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def ImageProjectiveTransformV3(
        self,
        images_: Operand,
        transforms_: Operand,
        output_shape_: Operand,
        fill_value_: Operand,
        /,
        *,
        interpolation: str | bytes = ...,
        fill_mode: str | bytes = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def InTopK(self, predictions_: Operand, targets_: Operand, /, *, k: int = ..., _keep: bool = ...) -> Value: ...
    def InTopKV2(self, predictions_: Operand, targets_: Operand, k_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Inv(self, x_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Invert(self, x_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def InvertPermutation(self, x_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def IsFinite(self, x_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def IsInf(self, x_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def IsNan(self, x_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def IsVariableInitialized(self, ref_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Iterator(
        self,
        *,
        shared_name: str | bytes = ...,
        container: str | bytes = ...,
        output_types: Sequence[str] = ...,
        output_shapes: Sequence[Sequence[int]] = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def L2Loss(self, t_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def LRN(
        self,
        input_: Operand,
        /,
        *,
        depth_radius: int = ...,
        bias: float = ...,
        alpha: float = ...,
        beta: float = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def LeakyRelu(self, features_: Operand, /, *, alpha: float = ..., _keep: bool = ...) -> Value: ...
    def LeftShift(self, x_: Operand, y_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Less(self, x_: Operand, y_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def LessEqual(self, x_: Operand, y_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Lgamma(self, x_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def LinSpace(self, start_: Operand, stop_: Operand, num_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Log(self, x_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Log1p(self, x_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def LogSoftmax(self, logits_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def LogicalAnd(self, x_: Operand, y_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def LogicalNot(self, x_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def LogicalOr(self, x_: Operand, y_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def LookupTableFind(
        self, table_handle_: Operand, keys_: Operand, default_value_: Operand, /, *, _keep: bool = ...
    ) -> Value: ...
    def LookupTableFindV2(
        self, table_handle_: Operand, keys_: Operand, default_value_: Operand, /, *, _keep: bool = ...
    ) -> Value: ...
    def LookupTableSize(self, table_handle_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def LookupTableSizeV2(self, table_handle_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def LoopCond(self, input_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def LowerBound(
        self, sorted_inputs_: Operand, values_: Operand, /, *, out_type: str = ..., _keep: bool = ...
    ) -> Value: ...
    def MatMul(
        self,
        a_: Operand,
        b_: Operand,
        /,
        *,
        transpose_a: bool = ...,
        transpose_b: bool = ...,
        grad_a: bool = ...,
        grad_b: bool = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def MatrixBandPart(
        self, input_: Operand, num_lower_: Operand, num_upper_: Operand, /, *, _keep: bool = ...
    ) -> Value: ...
    def MatrixDiag(self, diagonal_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def MatrixDiagPart(self, input_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def MatrixDiagPartV2(
        self, input_: Operand, k_: Operand, padding_value_: Operand, /, *, _keep: bool = ...
    ) -> Value: ...
    def MatrixDiagPartV3(
        self, input_: Operand, k_: Operand, padding_value_: Operand, /, *, align: str | bytes = ..., _keep: bool = ...
    ) -> Value: ...
    def MatrixDiagV2(
        self,
        diagonal_: Operand,
        k_: Operand,
        num_rows_: Operand,
        num_cols_: Operand,
        padding_value_: Operand,
        /,
        *,
        _keep: bool = ...,
    ) -> Value: ...
    def MatrixDiagV3(
        self,
        diagonal_: Operand,
        k_: Operand,
        num_rows_: Operand,
        num_cols_: Operand,
        padding_value_: Operand,
        /,
        *,
        align: str | bytes = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def MatrixSetDiag(self, input_: Operand, diagonal_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def MatrixSetDiagV2(self, input_: Operand, diagonal_: Operand, k_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def MatrixSetDiagV3(
        self, input_: Operand, diagonal_: Operand, k_: Operand, /, *, align: str | bytes = ..., _keep: bool = ...
    ) -> Value: ...
    def Max(
        self, input_: Operand, reduction_indices_: Operand, /, *, keep_dims: bool = ..., _keep: bool = ...
    ) -> Value: ...
    def MaxPool(
        self,
        input_: Operand,
        /,
        *,
        ksize: Sequence[int] = ...,
        strides: Sequence[int] = ...,
        padding: str | bytes = ...,
        explicit_paddings: Sequence[int] = ...,
        data_format: str | bytes = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def MaxPool3D(
        self,
        input_: Operand,
        /,
        *,
        ksize: Sequence[int] = ...,
        strides: Sequence[int] = ...,
        padding: str | bytes = ...,
        data_format: str | bytes = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def MaxPoolV2(
        self,
        input_: Operand,
        ksize_: Operand,
        strides_: Operand,
        /,
        *,
        padding: str | bytes = ...,
        data_format: str | bytes = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def Maximum(self, x_: Operand, y_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Mean(
        self, input_: Operand, reduction_indices_: Operand, /, *, keep_dims: bool = ..., _keep: bool = ...
    ) -> Value: ...
    def Min(
        self, input_: Operand, reduction_indices_: Operand, /, *, keep_dims: bool = ..., _keep: bool = ...
    ) -> Value: ...
    def Minimum(self, x_: Operand, y_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def MirrorPad(
        self, input_: Operand, paddings_: Operand, /, *, mode: str | bytes = ..., _keep: bool = ...
    ) -> Value: ...
    def Mod(self, x_: Operand, y_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Mul(self, x_: Operand, y_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def MulNoNan(self, x_: Operand, y_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Multinomial(
        self,
        logits_: Operand,
        num_samples_: Operand,
        /,
        *,
        seed: int = ...,
        seed2: int = ...,
        T: str = ...,
        output_dtype: str = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def MutableHashTable(
        self,
        *,
        container: str | bytes = ...,
        shared_name: str | bytes = ...,
        use_node_name_sharing: bool = ...,
        key_dtype: str = ...,
        value_dtype: str = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def MutableHashTableV2(
        self,
        *,
        container: str | bytes = ...,
        shared_name: str | bytes = ...,
        use_node_name_sharing: bool = ...,
        key_dtype: str = ...,
        value_dtype: str = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def Ndtri(self, x_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Neg(self, x_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def NextIteration(self, data_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def NonMaxSuppression(
        self,
        boxes_: Operand,
        scores_: Operand,
        max_output_size_: Operand,
        /,
        *,
        iou_threshold: float = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def NonMaxSuppressionV2(
        self,
        boxes_: Operand,
        scores_: Operand,
        max_output_size_: Operand,
        iou_threshold_: Operand,
        /,
        *,
        _keep: bool = ...,
    ) -> Value: ...
    def NonMaxSuppressionV3(
        self,
        boxes_: Operand,
        scores_: Operand,
        max_output_size_: Operand,
        iou_threshold_: Operand,
        score_threshold_: Operand,
        /,
        *,
        _keep: bool = ...,
    ) -> Value: ...
    def NotEqual(
        self, x_: Operand, y_: Operand, /, *, incompatible_shape_error: bool = ..., _keep: bool = ...
    ) -> Value: ...
    def OneHot(
        self,
        indices_: Operand,
        depth_: Operand,
        on_value_: Operand,
        off_value_: Operand,
        /,
        *,
        axis: int = ...,
        T: str = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def Ones(self, shape_: Operand, /, *, T: str = ..., _keep: bool = ...) -> Value: ...
    def OnesLike(self, x_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Pack(self, *inputs: Operand, axis: int = ..., _keep: bool = ...) -> Value: ...
    def Pad(self, input_: Operand, paddings_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def PadV2(
        self, input_: Operand, paddings_: Operand, constant_values_: Operand, /, *, _keep: bool = ...
    ) -> Value: ...
    def ParallelDynamicStitch(self, *inputs: Operand, _keep: bool = ...) -> Value: ...
    def ParameterizedTruncatedNormal(
        self,
        shape_: Operand,
        means_: Operand,
        stdevs_: Operand,
        minvals_: Operand,
        maxvals_: Operand,
        /,
        *,
        seed: int = ...,
        seed2: int = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def PartitionedCall(
        self,
        *inputs: Operand,
        Tout: Sequence[str] = ...,
        f: Graph = ...,
        config: str | bytes = ...,
        config_proto: str | bytes = ...,
        executor_type: str | bytes = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def Placeholder(self, *, dtype: str = ..., shape: Sequence[int] = ..., _keep: bool = ...) -> Value: ...
    def PlaceholderV2(self, *, dtype: str = ..., shape: Sequence[int] = ..., _keep: bool = ...) -> Value: ...
    def PlaceholderWithDefault(
        self, input_: Operand, /, *, dtype: str = ..., shape: Sequence[int] = ..., _keep: bool = ...
    ) -> Value: ...
    def Pow(self, x_: Operand, y_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Prelu(self, x_: Operand, alpha_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def PreventGradient(self, input_: Operand, /, *, message: str | bytes = ..., _keep: bool = ...) -> Value: ...
    def Print(
        self, *inputs: Operand, message: str | bytes = ..., first_n: int = ..., summarize: int = ..., _keep: bool = ...
    ) -> Value: ...
    def Prod(
        self, input_: Operand, reduction_indices_: Operand, /, *, keep_dims: bool = ..., _keep: bool = ...
    ) -> Value: ...
    def RFFT(self, input_: Operand, fft_length_: Operand, /, *, Tcomplex: str = ..., _keep: bool = ...) -> Value: ...
    def RFFT2D(self, input_: Operand, fft_length_: Operand, /, *, Tcomplex: str = ..., _keep: bool = ...) -> Value: ...
    def RFFT3D(self, input_: Operand, fft_length_: Operand, /, *, Tcomplex: str = ..., _keep: bool = ...) -> Value: ...
    def RGBToHSV(self, images_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def RaggedBincount(
        self,
        splits_: Operand,
        values_: Operand,
        size_: Operand,
        weights_: Operand,
        /,
        *,
        binary_output: bool = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def RaggedTensorToTensor(
        self, *inputs: Operand, row_partition_types: Sequence[str | bytes] = ..., _keep: bool = ...
    ) -> Value: ...
    def RandomGamma(
        self, shape_: Operand, alpha_: Operand, /, *, seed: int = ..., seed2: int = ..., _keep: bool = ...
    ) -> Value: ...
    def RandomPoissonV2(
        self,
        shape_: Operand,
        rate_: Operand,
        /,
        *,
        seed: int = ...,
        seed2: int = ...,
        dtype: str = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def RandomShuffle(self, value_: Operand, /, *, seed: int = ..., seed2: int = ..., _keep: bool = ...) -> Value: ...
    def RandomStandardNormal(
        self, shape_: Operand, /, *, seed: int = ..., seed2: int = ..., dtype: str = ..., _keep: bool = ...
    ) -> Value: ...
    def RandomUniform(
        self, shape_: Operand, /, *, seed: int = ..., seed2: int = ..., dtype: str = ..., _keep: bool = ...
    ) -> Value: ...
    def RandomUniformInt(
        self,
        shape_: Operand,
        minval_: Operand,
        maxval_: Operand,
        /,
        *,
        seed: int = ...,
        seed2: int = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def Range(
        self, start_: Operand, limit_: Operand, delta_: Operand, /, *, Tidx: str = ..., _keep: bool = ...
    ) -> Value: ...
    def Rank(self, input_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def ReadVariableOp(self, resource_: Operand, /, *, dtype: str = ..., _keep: bool = ...) -> Value: ...
    def Real(self, input_: Operand, /, *, Tout: str = ..., _keep: bool = ...) -> Value: ...
    def RealDiv(self, x_: Operand, y_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Reciprocal(self, x_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def RefEnter(
        self,
        data_: Operand,
        /,
        *,
        frame_name: str | bytes = ...,
        is_constant: bool = ...,
        parallel_iterations: int = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def RefExit(self, data_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def RegexReplace(
        self, input_: Operand, pattern_: Operand, rewrite_: Operand, /, *, replace_global: bool = ..., _keep: bool = ...
    ) -> Value: ...
    def Relu(self, features_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Relu6(self, features_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def ReluGrad(self, gradients_: Operand, features_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Reshape(self, tensor_: Operand, shape_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def ResizeArea(
        self, images_: Operand, size_: Operand, /, *, align_corners: bool = ..., _keep: bool = ...
    ) -> Value: ...
    def ResizeBicubic(
        self,
        images_: Operand,
        size_: Operand,
        /,
        *,
        align_corners: bool = ...,
        half_pixel_centers: bool = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def ResizeBilinear(
        self,
        images_: Operand,
        size_: Operand,
        /,
        *,
        align_corners: bool = ...,
        half_pixel_centers: bool = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def ResizeNearestNeighbor(
        self,
        images_: Operand,
        size_: Operand,
        /,
        *,
        align_corners: bool = ...,
        half_pixel_centers: bool = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def ResourceGather(
        self,
        resource_: Operand,
        indices_: Operand,
        /,
        *,
        batch_dims: int = ...,
        validate_indices: bool = ...,
        dtype: str = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def ResourceGatherNd(
        self, resource_: Operand, indices_: Operand, /, *, dtype: str = ..., _keep: bool = ...
    ) -> Value: ...
    def RestoreV2(
        self,
        prefix_: Operand,
        tensor_names_: Operand,
        shape_and_slices_: Operand,
        /,
        *,
        dtypes: Sequence[str] = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def Reverse(self, tensor_: Operand, dims_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def ReverseSequence(
        self, input_: Operand, seq_lengths_: Operand, /, *, seq_dim: int = ..., batch_dim: int = ..., _keep: bool = ...
    ) -> Value: ...
    def ReverseV2(self, tensor_: Operand, axis_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def RightShift(self, x_: Operand, y_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Rint(self, x_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def RngReadAndSkip(self, resource_: Operand, alg_: Operand, delta_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Roll(self, input_: Operand, shift_: Operand, axis_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Round(self, x_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Rsqrt(self, x_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def ScaleAndTranslate(
        self,
        images_: Operand,
        size_: Operand,
        scale_: Operand,
        translation_: Operand,
        /,
        *,
        kernel_type: str | bytes = ...,
        antialias: bool = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def ScatterAdd(
        self, ref_: Operand, indices_: Operand, updates_: Operand, /, *, use_locking: bool = ..., _keep: bool = ...
    ) -> Value: ...
    def ScatterNd(
        self,
        indices_: Operand,
        updates_: Operand,
        shape_: Operand,
        /,
        *,
        bad_indices_policy: str | bytes = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def ScatterNdUpdate(
        self,
        ref_: Operand,
        indices_: Operand,
        updates_: Operand,
        /,
        *,
        use_locking: bool = ...,
        bad_indices_policy: str | bytes = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def ScatterUpdate(
        self, ref_: Operand, indices_: Operand, updates_: Operand, /, *, use_locking: bool = ..., _keep: bool = ...
    ) -> Value: ...
    def SegmentMax(self, data_: Operand, segment_ids_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def SegmentMean(self, data_: Operand, segment_ids_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def SegmentMin(self, data_: Operand, segment_ids_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def SegmentProd(self, data_: Operand, segment_ids_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def SegmentSum(self, data_: Operand, segment_ids_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Select(self, condition_: Operand, t_: Operand, e_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def SelectV2(self, condition_: Operand, t_: Operand, e_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Selu(self, features_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Shape(self, input_: Operand, /, *, out_type: str = ..., _keep: bool = ...) -> Value: ...
    def Sigmoid(self, x_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def SigmoidGrad(self, y_: Operand, dy_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Sign(self, x_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Sin(self, x_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Sinh(self, x_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Size(self, input_: Operand, /, *, out_type: str = ..., _keep: bool = ...) -> Value: ...
    def Slice(self, input_: Operand, begin_: Operand, size_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Snapshot(self, input_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Softmax(self, logits_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Softplus(self, features_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Softsign(self, features_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def SpaceToBatch(
        self, input_: Operand, paddings_: Operand, /, *, block_size: int = ..., _keep: bool = ...
    ) -> Value: ...
    def SpaceToBatchND(
        self, input_: Operand, block_shape_: Operand, paddings_: Operand, /, *, _keep: bool = ...
    ) -> Value: ...
    def SpaceToDepth(
        self, input_: Operand, /, *, block_size: int = ..., data_format: str | bytes = ..., _keep: bool = ...
    ) -> Value: ...
    def SparseSegmentMean(
        self,
        data_: Operand,
        indices_: Operand,
        segment_ids_: Operand,
        /,
        *,
        sparse_gradient: bool = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def SparseSegmentMeanWithNumSegments(
        self,
        data_: Operand,
        indices_: Operand,
        segment_ids_: Operand,
        num_segments_: Operand,
        /,
        *,
        sparse_gradient: bool = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def SparseSegmentSqrtN(
        self,
        data_: Operand,
        indices_: Operand,
        segment_ids_: Operand,
        /,
        *,
        sparse_gradient: bool = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def SparseSegmentSqrtNWithNumSegments(
        self,
        data_: Operand,
        indices_: Operand,
        segment_ids_: Operand,
        num_segments_: Operand,
        /,
        *,
        sparse_gradient: bool = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def SparseSegmentSum(
        self,
        data_: Operand,
        indices_: Operand,
        segment_ids_: Operand,
        /,
        *,
        sparse_gradient: bool = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def SparseSegmentSumWithNumSegments(
        self,
        data_: Operand,
        indices_: Operand,
        segment_ids_: Operand,
        num_segments_: Operand,
        /,
        *,
        sparse_gradient: bool = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def SparseToDense(
        self,
        sparse_indices_: Operand,
        output_shape_: Operand,
        sparse_values_: Operand,
        default_value_: Operand,
        /,
        *,
        validate_indices: bool = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def Sqrt(self, x_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Square(self, x_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def SquaredDifference(self, x_: Operand, y_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Squeeze(self, input_: Operand, /, *, squeeze_dims: Sequence[int] = ..., _keep: bool = ...) -> Value: ...
    def StatefulPartitionedCall(
        self,
        *inputs: Operand,
        Tout: Sequence[str] = ...,
        f: Graph = ...,
        config: str | bytes = ...,
        config_proto: str | bytes = ...,
        executor_type: str | bytes = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def StatefulUniform(
        self, resource_: Operand, algorithm_: Operand, shape_: Operand, /, *, dtype: str = ..., _keep: bool = ...
    ) -> Value: ...
    def StatelessCase(
        self,
        *inputs: Operand,
        Tout: Sequence[str] = ...,
        branches: Sequence[Graph] = ...,
        output_shapes: Sequence[Sequence[int]] = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def StatelessIf(
        self,
        *inputs: Operand,
        Tout: Sequence[str] = ...,
        then_branch: Graph = ...,
        else_branch: Graph = ...,
        output_shapes: Sequence[Sequence[int]] = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def StatelessRandomNormal(
        self, shape_: Operand, seed_: Operand, /, *, dtype: str = ..., _keep: bool = ...
    ) -> Value: ...
    def StatelessRandomNormalV2(
        self,
        shape_: Operand,
        key_: Operand,
        counter_: Operand,
        alg_: Operand,
        /,
        *,
        dtype: str = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def StatelessRandomUniform(
        self, shape_: Operand, seed_: Operand, /, *, dtype: str = ..., _keep: bool = ...
    ) -> Value: ...
    def StatelessRandomUniformV2(
        self,
        shape_: Operand,
        key_: Operand,
        counter_: Operand,
        alg_: Operand,
        /,
        *,
        dtype: str = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def StatelessTruncatedNormal(
        self, shape_: Operand, seed_: Operand, /, *, dtype: str = ..., _keep: bool = ...
    ) -> Value: ...
    def StatelessTruncatedNormalV2(
        self,
        shape_: Operand,
        key_: Operand,
        counter_: Operand,
        alg_: Operand,
        /,
        *,
        dtype: str = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def StatelessWhile(
        self,
        *inputs: Operand,
        cond: Graph = ...,
        body: Graph = ...,
        output_shapes: Sequence[Sequence[int]] = ...,
        parallel_iterations: int = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def StaticRegexReplace(
        self,
        input_: Operand,
        /,
        *,
        pattern: str | bytes = ...,
        rewrite: str | bytes = ...,
        replace_global: bool = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def StopGradient(self, input_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def StridedSlice(
        self,
        input_: Operand,
        begin_: Operand,
        end_: Operand,
        strides_: Operand,
        /,
        *,
        begin_mask: int = ...,
        end_mask: int = ...,
        ellipsis_mask: int = ...,
        new_axis_mask: int = ...,
        shrink_axis_mask: int = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def StringLower(self, input_: Operand, /, *, encoding: str | bytes = ..., _keep: bool = ...) -> Value: ...
    def StringStrip(self, input_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def StringToHashBucketFast(self, input_: Operand, /, *, num_buckets: int = ..., _keep: bool = ...) -> Value: ...
    def StringToNumber(self, string_tensor_: Operand, /, *, out_type: str = ..., _keep: bool = ...) -> Value: ...
    def StringUpper(self, input_: Operand, /, *, encoding: str | bytes = ..., _keep: bool = ...) -> Value: ...
    def Sub(self, x_: Operand, y_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Sum(
        self, input_: Operand, reduction_indices_: Operand, /, *, keep_dims: bool = ..., _keep: bool = ...
    ) -> Value: ...
    def Tan(self, x_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Tanh(self, x_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def TanhGrad(self, y_: Operand, dy_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def TensorArray(
        self,
        size_: Operand,
        /,
        *,
        dtype: str = ...,
        dynamic_size: bool = ...,
        clear_after_read: bool = ...,
        tensor_array_name: str | bytes = ...,
        element_shape: Sequence[int] = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def TensorArrayGatherV3(
        self,
        handle_: Operand,
        indices_: Operand,
        flow_in_: Operand,
        /,
        *,
        dtype: str = ...,
        element_shape: Sequence[int] = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def TensorArrayReadV3(
        self, handle_: Operand, index_: Operand, flow_in_: Operand, /, *, dtype: str = ..., _keep: bool = ...
    ) -> Value: ...
    def TensorArrayScatterV3(
        self,
        handle_: Operand,
        indices_: Operand,
        value_: Operand,
        flow_in_: Operand,
        /,
        *,
        T: str = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def TensorArraySizeV3(self, handle_: Operand, flow_in_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def TensorArraySplitV3(
        self,
        handle_: Operand,
        value_: Operand,
        lengths_: Operand,
        flow_in_: Operand,
        /,
        *,
        T: str = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def TensorArrayWriteV3(
        self, handle_: Operand, index_: Operand, value_: Operand, flow_in_: Operand, /, *, _keep: bool = ...
    ) -> Value: ...
    def TensorListElementShape(
        self, input_handle_: Operand, /, *, shape_type: str = ..., _keep: bool = ...
    ) -> Value: ...
    def TensorListFromTensor(
        self, tensor_: Operand, element_shape_: Operand, /, *, element_dtype: str = ..., _keep: bool = ...
    ) -> Value: ...
    def TensorListGather(
        self,
        input_handle_: Operand,
        indices_: Operand,
        element_shape_: Operand,
        /,
        *,
        element_dtype: str = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def TensorListGetItem(
        self,
        input_handle_: Operand,
        index_: Operand,
        element_shape_: Operand,
        /,
        *,
        element_dtype: str = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def TensorListLength(self, input_handle_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def TensorListPushBack(
        self, input_handle_: Operand, tensor_: Operand, /, *, element_dtype: str = ..., _keep: bool = ...
    ) -> Value: ...
    def TensorListReserve(
        self, element_shape_: Operand, num_elements_: Operand, /, *, element_dtype: str = ..., _keep: bool = ...
    ) -> Value: ...
    def TensorListResize(self, input_handle_: Operand, size_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def TensorListScatter(
        self,
        tensor_: Operand,
        indices_: Operand,
        element_shape_: Operand,
        /,
        *,
        element_dtype: str = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def TensorListScatterIntoExistingList(
        self, input_handle_: Operand, tensor_: Operand, indices_: Operand, /, *, _keep: bool = ...
    ) -> Value: ...
    def TensorListScatterV2(
        self,
        tensor_: Operand,
        indices_: Operand,
        element_shape_: Operand,
        num_elements_: Operand,
        /,
        *,
        element_dtype: str = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def TensorListSetItem(
        self,
        input_handle_: Operand,
        index_: Operand,
        item_: Operand,
        /,
        *,
        element_dtype: str = ...,
        resize_if_index_out_of_bounds: bool = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def TensorListSplit(
        self,
        tensor_: Operand,
        element_shape_: Operand,
        lengths_: Operand,
        /,
        *,
        element_dtype: str = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def TensorListStack(
        self,
        input_handle_: Operand,
        element_shape_: Operand,
        /,
        *,
        element_dtype: str = ...,
        num_elements: int = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def TensorScatterAdd(
        self,
        tensor_: Operand,
        indices_: Operand,
        updates_: Operand,
        /,
        *,
        bad_indices_policy: str | bytes = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def TensorScatterMax(
        self,
        tensor_: Operand,
        indices_: Operand,
        updates_: Operand,
        /,
        *,
        bad_indices_policy: str | bytes = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def TensorScatterMin(
        self,
        tensor_: Operand,
        indices_: Operand,
        updates_: Operand,
        /,
        *,
        bad_indices_policy: str | bytes = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def TensorScatterSub(
        self,
        tensor_: Operand,
        indices_: Operand,
        updates_: Operand,
        /,
        *,
        bad_indices_policy: str | bytes = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def TensorScatterUpdate(
        self,
        tensor_: Operand,
        indices_: Operand,
        updates_: Operand,
        /,
        *,
        bad_indices_policy: str | bytes = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def Tile(self, input_: Operand, multiples_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Transpose(self, x_: Operand, perm_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def TruncateDiv(self, x_: Operand, y_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def TruncateMod(self, x_: Operand, y_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def TruncatedNormal(
        self, shape_: Operand, /, *, seed: int = ..., seed2: int = ..., dtype: str = ..., _keep: bool = ...
    ) -> Value: ...
    def UnsortedSegmentMax(
        self, data_: Operand, segment_ids_: Operand, num_segments_: Operand, /, *, _keep: bool = ...
    ) -> Value: ...
    def UnsortedSegmentMin(
        self, data_: Operand, segment_ids_: Operand, num_segments_: Operand, /, *, _keep: bool = ...
    ) -> Value: ...
    def UnsortedSegmentProd(
        self, data_: Operand, segment_ids_: Operand, num_segments_: Operand, /, *, _keep: bool = ...
    ) -> Value: ...
    def UnsortedSegmentSum(
        self, data_: Operand, segment_ids_: Operand, num_segments_: Operand, /, *, _keep: bool = ...
    ) -> Value: ...
    def UpperBound(
        self, sorted_inputs_: Operand, values_: Operand, /, *, out_type: str = ..., _keep: bool = ...
    ) -> Value: ...
    def VarHandleOp(
        self,
        *,
        container: str | bytes = ...,
        shared_name: str | bytes = ...,
        debug_name: str | bytes = ...,
        dtype: str = ...,
        shape: Sequence[int] = ...,
        allowed_devices: Sequence[str | bytes] = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def VarIsInitializedOp(self, resource_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Variable(
        self,
        *,
        shape: Sequence[int] = ...,
        dtype: str = ...,
        container: str | bytes = ...,
        shared_name: str | bytes = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def VariableShape(self, input_: Operand, /, *, out_type: str = ..., _keep: bool = ...) -> Value: ...
    def VariableV2(
        self,
        *,
        shape: Sequence[int] = ...,
        dtype: str = ...,
        container: str | bytes = ...,
        shared_name: str | bytes = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def Where(self, input_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def While(
        self,
        *inputs: Operand,
        cond: Graph = ...,
        body: Graph = ...,
        output_shapes: Sequence[Sequence[int]] = ...,
        parallel_iterations: int = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def Xdivy(self, x_: Operand, y_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Xlog1py(self, x_: Operand, y_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Xlogy(self, x_: Operand, y_: Operand, /, *, _keep: bool = ...) -> Value: ...
    def Zeros(self, shape_: Operand, /, *, T: str = ..., _keep: bool = ...) -> Value: ...
    def ZerosLike(self, x_: Operand, /, *, T: str = ..., _keep: bool = ...) -> Value: ...
    def _FusedConv2D(
        self,
        *inputs: Operand,
        num_args: int = ...,
        strides: Sequence[int] = ...,
        padding: str | bytes = ...,
        explicit_paddings: Sequence[int] = ...,
        data_format: str | bytes = ...,
        filter_format: str | bytes = ...,
        dilations: Sequence[int] = ...,
        use_cudnn_on_gpu: bool = ...,
        fused_ops: Sequence[str | bytes] = ...,
        epsilon: float = ...,
        leakyrelu_alpha: float = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def _FusedDepthwiseConv2dNative(
        self,
        *inputs: Operand,
        strides: Sequence[int] = ...,
        padding: str | bytes = ...,
        data_format: str | bytes = ...,
        dilations: Sequence[int] = ...,
        fused_ops: Sequence[str | bytes] = ...,
        epsilon: float = ...,
        leakyrelu_alpha: float = ...,
        _keep: bool = ...,
    ) -> Value: ...
    def _FusedMatMul(
        self,
        *inputs: Operand,
        transpose_a: bool = ...,
        transpose_b: bool = ...,
        num_args: int = ...,
        fused_ops: Sequence[str | bytes] = ...,
        epsilon: float = ...,
        leakyrelu_alpha: float = ...,
        _keep: bool = ...,
    ) -> Value: ...
