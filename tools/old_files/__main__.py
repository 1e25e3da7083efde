"""Write tests/conversion/old_files/<writer>.tar.xz: small models as an old TensorFlow or Keras wrote them.

    python tools/old_files keras|tf.keras [CASE…]

Run by a Python that has that version; pip installs these (each into a venv of its own, with `"protobuf<3.20"`,
`"h5py<2.11"` and `"numpy<1.19"`):

    Python 3.7   tensorflow==1.13.2 keras==2.0.9      keras, tf.keras
    Python 3.7   tensorflow==1.13.2 keras==2.1.6      keras
    Python 3.7   tensorflow==1.14.0 keras==2.2.5      keras, tf.keras
    Python 3.7   tensorflow==1.15.5 keras==2.3.1      keras, tf.keras
    Python 3.7   tensorflow==2.0.4, ==2.1.4           tf.keras
    Python 3.8   tensorflow==2.2.3, ==2.3.4           tf.keras

An archive has a source for each case (an .h5 file, a SavedModel's folder or a .pb file), what it was given (seeded, see
`values.py`), and what it gave in that version. `<writer>.json` lists the sources,
of which the largest are left out where there is too much. No newer Python than 3.8 has those versions, which is why the
archives are kept and not written anew by the tests. What a version cannot build is left out and said.
"""

import os
import sys
import tempfile
import traceback
import warnings

warnings.simplefilter("ignore")
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
os.environ["KERAS_BACKEND"] = "tensorflow"

import archives
import graphs
import keras_files
import numpy as np
import tensorflow as tf

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), *["..", "..", "tests", "conversion", "old_files"])


def main(package, *only):
    """Write the archive of the `package` that is installed, or try `only` some of its cases."""
    if package == "keras":
        import keras

        writer = "keras-" + keras.__version__
    else:
        keras = tf.keras
        writer = "tensorflow-" + tf.__version__
    cases = keras_files.cases(keras)
    if package != "keras":
        cases.update(graphs.cases(keras))
    numbers = {}
    with tempfile.TemporaryDirectory() as folder:
        for case, write in sorted(cases.items()):
            if only and case not in only:
                continue
            try:
                inputs, outputs = write(case, os.path.join(folder, case))
            except Exception as error:
                print("{}: {} is left out: {}".format(writer, case, str(error)[:150].replace("\n", " ")), flush=True)
                if only:
                    traceback.print_exc()
                archives.forget(folder, case)
                continue
            for kind, samples in (("inputs", inputs), ("outputs", outputs)):
                for index, sample in enumerate(samples):
                    for name, values in sample.items():
                        values = np.asarray(values)  # strings as such, not as Python objects, which would be pickled
                        values = values.astype("U") if values.dtype == object else values
                        numbers[f"{case}/{kind}/{index}/{name}"] = values
        if not only:
            archives.write(folder, numbers, os.path.join(FOLDER, writer))


if __name__ == "__main__":
    main(*sys.argv[1:])
