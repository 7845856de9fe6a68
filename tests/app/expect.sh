# Sourced by the tests of the command line; they set work, a folder, and failures, 0.

# expect STATUS WHAT COMMAND...: output in $work/out, errors in $work/err
expect() {
  local status=$1 what=$2; shift 2
  "$@" >"$work/out" 2>"$work/err"
  local found=$?
  if [ $found -ne "$status" ]; then
    echo "FAILED: $what: exit $found, expected $status"; head -5 "$work/out" "$work/err"; failures=$((failures + 1))
  fi
}
# contains FILE TEXT, contains_not FILE TEXT
contains_not() {
  if grep -qF -- "$2" "$work/$1"; then echo "FAILED: '$2' in $1"; failures=$((failures + 1)); fi
}
contains() {
  grep -qF -- "$2" "$work/$1" || { echo "FAILED: no '$2' in $1:"; head -5 "$work/$1"; failures=$((failures + 1)); }
}
