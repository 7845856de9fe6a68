#!/usr/bin/env bash
# The README's commands for many machines, as they stand there: each way's parts, merged, are the run of
# one machine, and a finding of one part is the whole's.
#   many_machines_test.sh BINARY SOURCE
set -u
binary=$1 root=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
source "$root/tests/app/expect.sh"

# The README's line that begins with these words, without its comment.
from_readme() {
  local lines
  mapfile -t lines < <(grep -F -- "$1" "$root/README.md")
  [ ${#lines[@]} -eq 1 ] || { echo "FAILED: ${#lines[@]} lines of README.md hold '$1'"; exit 1; }
  echo "${lines[0]%%  *#*}"
}

# An sbatch that does what Slurm's manual says of --array=FIRST-LAST and --wrap: each task is a shell with
# the array's variables, and they may run in any order.
mkdir "$work/bin"
ln -s "$binary" "$work/bin/gradient-check"
cat >"$work/bin/sbatch" <<'SBATCH'
#!/usr/bin/env bash
[ $# -eq 3 ] && [[ $1 =~ ^--array=([0-9]+)-([0-9]+)$ ]] && [ "$2" = --wrap ] || exit 1
first=${BASH_REMATCH[1]} last=${BASH_REMATCH[2]}
for task in $(seq "$first" "$last" | sort -r); do
  SLURM_ARRAY_TASK_ID=$task SLURM_ARRAY_TASK_MIN=$first SLURM_ARRAY_TASK_MAX=$last \
    SLURM_ARRAY_TASK_COUNT=$((last - first + 1)) sh -c "$3"
done
true
SBATCH
chmod +x "$work/bin/sbatch"
export PATH=$work/bin:$PATH
cp -r "$root/cases/notebook" "$work/cases"
cp "$root/tests/libraries/squared_relu.json" "$work/cases/needs_a_library.json"
cd "$work" || exit 1
expect 2 "one machine" gradient-check --format junit cases
without_times() { sed -E 's/ (time|timestamp|hostname)="[^"]*"//g' "$1"; }
without_times out >"$work/whole"

merge=$(from_readme 'gradient-check --merge --format junit') && parallel=$(from_readme '| parallel gradient-check') &&
  slurm=$(from_readme 'sbatch --array') || { echo "$merge$parallel$slurm"; exit 1; }
# one_run HOW STATUS COMMAND: its parts are those of one machine
same_as_one_machine() {
  rm -f part*.json
  expect "$2" "$1" bash -c "$3"
  [ "$(ls part*.json | wc -l)" -eq 8 ] || { echo "FAILED: $1: parts:" part*.json; failures=$((failures + 1)); }
  expect 2 "$1, merged" bash -c "$merge"
  without_times out | diff - "$work/whole" || { echo "FAILED: $1: another report"; failures=$((failures + 1)); }
}
# GNU parallel's status is the number of jobs that failed: of the part that holds the unusable case.
same_as_one_machine "GNU parallel" 1 "$parallel"
same_as_one_machine "Slurm" 0 "$slurm"
exit $((failures > 0))
