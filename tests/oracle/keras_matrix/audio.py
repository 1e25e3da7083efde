"""Spectrograms."""

from tests.oracle.keras_matrix.suite import THREE, layer

for _mode in ("log", "magnitude", "psd", "real", "imag", "stft"):
    layer(
        f"stft_spectrogram_{_mode}",
        (120, 1),
        lambda layers, mode=_mode: layers.STFTSpectrogram(mode=mode, frame_length=32, frame_step=16, fft_length=32),
        generations=THREE,
    )
layer(
    "stft_spectrogram_angle",
    (120, 1),
    lambda layers: layers.STFTSpectrogram(mode="angle", frame_length=32, frame_step=16, fft_length=32),
    generations=THREE,
)
for _name, _settings in {
    "same": {"padding": "same"},
    "scaled": {"scaling": "spectrum", "periodic": True},
    "unscaled": {"scaling": None, "window": "hamming"},
    "two_channels": {},
    "expanded": {"expand_dims": True},
}.items():
    layer(
        f"stft_spectrogram_{_name}",
        (120, 2) if _name == "two_channels" else (120, 1),
        lambda layers, settings=_settings: layers.STFTSpectrogram(
            mode="magnitude", frame_length=24, frame_step=12, fft_length=32, **settings
        ),
        generations=THREE,
    )
for _name, _settings in {
    "plain": {},
    "linear": {"power_to_db": False, "mag_exp": 1.0},
    "odd": {"sequence_length": 51, "window": "hamming"},
}.items():
    layer(
        f"mel_spectrogram_{_name}",
        (512,),
        lambda layers, settings=_settings: layers.MelSpectrogram(
            fft_length=64, sequence_stride=32, num_mel_bins=8, sampling_rate=8000, max_freq=4000, **settings
        ),
        generations=THREE,
    )
