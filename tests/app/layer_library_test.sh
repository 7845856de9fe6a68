#!/usr/bin/env bash
# Layers that --load brings: used, named when wrong, and refused with words when unusable.
set -u
binary=$1 root=$2 layers=$3 broken=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
source "$root/tests/app/expect.sh"
cases=$root/tests/libraries

expect 0 "a layer and a loss" "$binary" -v --load "$layers" --load "$layers" "$cases/squared_relu.json"
contains out "1.scale"
expect 1 "a wrong layer" "$binary" --load "$layers" "$cases/squared_relu_wrong.json"
contains out "error[wrong-scale]"; contains out "squared_relu_wrong.json:9"; contains out "layer 1 (my::squared_relu_wrong)"
expect 2 "a layer without its library" "$binary" "$cases/squared_relu.json"
contains out "unknown layer type 'my::squared_relu': it needs its library: --load LIBRARY.so"
sed 's/my::squared_relu"/my::squared_rely"/' "$cases/squared_relu.json" >"$work/typo.json"
expect 2 "a layer's name mistyped" "$binary" --load "$layers" "$work/typo.json"
contains out "did you mean 'my::squared_relu'"
sed 's/"scale": 0.5/"scale": -1/' "$cases/squared_relu.json" >"$work/option.json"
expect 2 "a layer's option" "$binary" --load "$layers" "$work/option.json"; contains out "at least 0"
sed 's/"shape": \[6, 4\], "init": "normal"/"data": 1.0, "dtype": "float32"/; s/{"type": "linear", "out_features": 5},//' \
  "$cases/squared_relu.json" >"$work/scalar.json"
expect 2 "what a layer throws" "$binary" --load "$layers" "$work/scalar.json"
contains out "layer 0 (my::squared_relu) on an input of shape []: the input is a scalar"
expect 0 "a schema with the layers" "$binary" --load "$layers" --print-schema; contains out "my::log_cosh"

echo '{"inputs": {"input": [[1, 2]]}, "layers": [{"type": "identity"}]}' >"$work/identity.json"
# unusable EXIT BROKEN STREAM WORDS
unusable() {
  expect "$1" "$2" env "BROKEN=$2" "$binary" --load "$broken" "$work/identity.json"; contains "$3" "$4"
}
unusable 0 "nothing" out "1 passed"
unusable 2 "registers nothing" err "registers no operator and no layer"
unusable 2 "throws" err "fails to register: no such device"
unusable 2 "another interface" err "was built for layer interface 2, this is 1"
unusable 2 "a name of ours" err "there is a layer named 'relu' already; a prefix, 'my::relu'"
unusable 2 "one name twice" err "there is a layer named 'identity' already"
unusable 2 "no name" err "a layer has no name"
unusable 2 "no make" err "the layer 'identity' has no make"
unusable 2 "makes nothing" out "make returned no layer"
unusable 2 "no output" out "its forward returned no tensor"
unusable 2 "one gradient too few" out "backward returned 1 gradient of parameters; it has 2: 0.weight, 0.bias"
unusable 1 "an undefined gradient" out "0.bias"
unusable 1 "changes its input" out "mutates-input"
unusable 2 "throws in forward" out "threw something that is no std::exception"
exit $((failures > 0))
