#!/usr/bin/env bash
# Whatever a case makes its worker do, Linux refuses what no case needs. The intruder is shown to be
# able to do each of these first, in a worker that is left alone because of a library that it loads.
set -u
binary=$1 root=$2 intruder=$3 layers=$4
# landlock_create_ruleset(NULL, 0, LANDLOCK_CREATE_RULESET_VERSION)
version=$(python3 -c 'import ctypes; print(ctypes.CDLL(None).syscall(444, None, 0, 1))')
[ "$version" -ge 1 ] || { echo "this Linux has no Landlock"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
source "$root/tests/app/expect.sh"
mkdir "$work/cases"
cat >"$work/cases/case.json" <<'JSON'
{"inputs": {"x": [1, 2]}, "parameters": {"w": [3, 4]},
 "program": {"source": ["def forward(x, w):", "    return (x * w).sum()",
                        "def backward(x, w):", "    return {\"w\": x}"]}}
JSON

# refused ACT PATH
refused() {
  local act=$1 path=$2
  echo secret >"$work/file"
  expect 2 "$act, not held" env LD_PRELOAD="$intruder" INTRUDER_ACT="$act" INTRUDER_PATH="$path" \
    "$binary" --load "$layers" "$work/cases/case.json"
  contains out "exit status 77"
  echo secret >"$work/file"; rm -f "$work/new"
  expect 0 "$act" env LD_PRELOAD="$intruder" INTRUDER_ACT="$act" INTRUDER_PATH="$path" \
    "$binary" "$work/cases/case.json"
  contains out "1 passed"
  [ "$(cat "$work/file")" = secret ] || { echo "FAILED: $act changed a file"; failures=$((failures + 1)); }
}
refused read "$work/file"
refused read /etc/passwd
refused write "$work/file"
refused make "$work/new"
refused remove "$work/file"
refused run ""
[ "$version" -ge 4 ] && refused connect ""
[ "$version" -ge 6 ] && refused signal ""
# What is open where gradient-check is started is closed to any worker.
expect 0 "a descriptor" env LD_PRELOAD="$intruder" INTRUDER_ACT=descriptor \
  "$binary" --load "$layers" "$work/cases/case.json" 7<"$work/file"
expect 2 "an act that there is not" env LD_PRELOAD="$intruder" INTRUDER_ACT=nothing \
  "$binary" "$work/cases/case.json"
contains out "exit status 78"

# What cases do need.
ln -s case.json "$work/cases/link.json"
expect 0 "a case named by a link" "$binary" "$work/cases/link.json" "$work/cases/case.json"
mkdir "$work/linked"; ln -s "$work/cases/case.json" "$work/linked/case.json"
expect 0 "a case that is a link to another folder" "$binary" "$work/linked/case.json"
cd "$work/cases" || exit 1
expect 0 "a case without a folder" "$binary" case.json
contains out "1 passed"
exit $((failures > 0))
