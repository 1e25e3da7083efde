// Generated loaders with the real TensorFlow.js: from files and over http, with all that can go wrong on the way.
// The tests are in `stubs/`, all for one Node process.
import "./stubs/predicting.js";
import "./stubs/classifying.js";
import "./stubs/picturing.js";
import "./stubs/loading.js";
import "./stubs/failing.js";
import "./stubs/aborting.js";
import "./stubs/keeping.js";
import "./stubs/compressed.js";
import "./stubs/reloading.js";
import "./stubs/misusing.js";
