"""Compile tfjs_build/convert/saved_model/saved_model.proto into saved_model.desc, a FileDescriptorSet.

    pip install grpcio-tools && python tools/compile_proto.py

The descriptors are read by whatever protobuf runtime is installed, unlike generated Python code, which asks for its
own version.
"""

from __future__ import annotations

from pathlib import Path

from grpc_tools import protoc  # type: ignore[import-not-found,import-untyped,unused-ignore]

FOLDER = Path(__file__).resolve().parent.parent / "tfjs_build" / "convert" / "saved_model"


def main() -> None:
    """Write saved_model.desc beside saved_model.proto."""
    arguments = ["protoc", f"-I{FOLDER}", f"--descriptor_set_out={FOLDER / 'saved_model.desc'}", "saved_model.proto"]
    if protoc.main(arguments):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
