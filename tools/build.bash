# Sourced by run and test: configures and builds one preset, quietly. The caller has set `repo`.
#
#     recount_build <preset> [<target> ...]
#
# Nothing is printed when there is nothing to do. Else: on a terminal one line that counts, without
# a terminal a line at the start and one for each quarter; the whole output in build/<preset>/build.log, whose end is shown
# when the build fails. All of it on stderr. Returns the build's exit code.

# Shows what ninja reports as "[done/all] ...", and keeps every line in the log.
recount_show_progress() {
    local name=$1 log=$2 line started=no quarter said=0
    while IFS= read -r line; do
        printf '%s\n' "$line" >>"$log"
        [[ $line =~ ^\[([1-9][0-9]*)/([0-9]+)\] ]] || continue
        if [[ -t 2 ]]; then
            printf '\r\033[Kbuilding %s: %s of %s' "$name" "${BASH_REMATCH[1]}" \
                "${BASH_REMATCH[2]}" >&2
        elif [[ $started == no ]]; then
            printf 'building %s (log: build/%s/build.log) ...\n' "$name" "$name" >&2
        else
            quarter=$((4 * BASH_REMATCH[1] / BASH_REMATCH[2]))
            if ((quarter > said && quarter < 4)); then
                printf 'building %s: %s of %s\n' "$name" "${BASH_REMATCH[1]}" \
                    "${BASH_REMATCH[2]}" >&2
                said=$quarter
            fi
        fi
        started=yes
    done
    if [[ -t 2 && $started == yes ]]; then printf '\r\033[K' >&2; fi
}

# In a subshell, so that the lock is given back when it ends: two starters build one after another.
recount_build() (
    : "${repo:?is set by the caller}"
    preset=$1
    shift
    folder=$repo/build/$preset
    log=$folder/build.log
    mkdir -p "$folder"
    if [[ ! -w $folder ]]; then
        printf 'recount: build/%s belongs to another user, and is used as it is\n' "$preset" >&2
        exit 0
    fi
    if command -v flock >/dev/null 2>&1; then
        exec 9>"$folder/.build-lock"
        flock 9
    fi

    # ccache refuses to work without a folder that it may write to.
    cache=${CCACHE_DIR:-${HOME:-/nonexistent}}
    [[ -w $cache ]] || export CCACHE_DISABLE=1

    failed() {
        if [[ -t 2 ]]; then printf '\r\033[K' >&2; fi
        {
            if (($(wc -l <"$log") > 40)); then
                grep -m 20 -E '(: (fatal )?error:|CMake Error)' "$log" || true
                printf -- '--- the end of build/%s/build.log\n' "$preset"
            fi
            tail -n 40 "$log"
            printf 'recount: %s\n' "$1"
        } >&2
        exit 1
    }

    # A build folder that was made for another place (a copied checkout) is of no use.
    if [[ -f $folder/CMakeCache.txt ]] &&
        ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$repo" "$folder/CMakeCache.txt"; then
        rm -rf "$folder/CMakeCache.txt" "$folder/CMakeFiles" "$folder/build.ninja"
    fi
    : >"$log"
    if [[ ! -f $folder/build.ninja ]]; then
        if [[ -t 2 ]]; then printf 'configuring %s ...' "$preset" >&2; fi
        (cd "$repo" && cmake --preset "$preset") >>"$log" 2>&1 9>&- ||
            failed "the configuration failed"
    fi

    targets=("$@")
    if [[ ${#targets[@]} -eq 0 ]]; then targets=(all); fi
    jobs=${RECOUNT_JOBS:-$(nproc)}
    set -o pipefail
    NINJA_STATUS='[%f/%t] ' cmake --build "$folder" -j "$jobs" --target "${targets[@]}" 2>&1 9>&- |
        recount_show_progress "$preset" "$log" ||
        failed "the build failed"
)
