#!/usr/bin/env bash
# Reads ava's report and prints the files whose tests failed: "test › portal › accessible › title" is of test/portal/accessible.test.ts.
# Prints nothing when something failed that is no test of a file: a crash, a rejection of nobody's, a personal value in a log line.
report=$(cat)
grep -qE 'with personal values|too little to judge|^ +[✘×] [^[]' <<< "$report" && exit 0
files=()
while IFS= read -r title; do
  path='' file=''
  while [ -z "$file" ]; do
    path+=${title%% › *}
    [ -f "$path.test.ts" ] && file=$path.test.ts
    [ "$title" = "${title#* › }" ] && break
    title=${title#* › }
    path+=/
  done
  [ -n "$file" ] || exit 0
  files+=("$file")
done < <(sed -nE 's/^ +[✘×] \[fail\]: //p' <<< "$report")
[ ${#files[@]} -eq 0 ] || printf '%s\n' "${files[@]}" | sort -u | paste -sd ' '
