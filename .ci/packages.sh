# Sourced by ./run and ./test: which Debian 12 packages are needed for what, and their installation.
say() { printf '\033[1m== %s\033[0m\n' "$*"; }

packages_build=(gcc g++ cmake ninja-build pkg-config libwebsockets-dev libwebsockets-evlib-ev libev-dev
  libcurl4-openssl-dev libsqlite3-dev libpcre2-dev libsodium-dev libseccomp-dev libssl-dev libjansson-dev
  espeak-ng sox libcyaml-dev libyaml-dev libicu-dev liboath-dev libfido2-dev uthash-dev libre-dev librem-dev ca-certificates)
packages_page=(nodejs npm) # unless there are newer ones on the path already
packages_test=(sqlite3 libcmocka-dev chromium firefox-esr clang-tidy sip-tester baresip-core kamailio tor
  openssl)
packages_bench=(libhyperscan-dev) # only compared with
packages_fuzz=(clang libclang-rt-14-dev)
packages_never_serving=(kamailio tor) # only the programs are wanted, by tests: not started, not at boot either

# packages_install GROUP...: installs what of the groups is not there yet; asks nothing.
packages_install() {
  local group name missing=() as_root=()
  for group in "$@"; do
    [[ $group == page ]] && command -v node >/dev/null && command -v npm >/dev/null && continue
    local -n list="packages_$group"
    for name in "${list[@]}"; do
      [[ $(dpkg-query -W -f '${Status}' "$name" 2>/dev/null) == 'install ok installed' ]] || missing+=("$name")
    done
  done
  ((${#missing[@]})) || return 0
  if ((EUID != 0)); then
    command -v sudo >/dev/null || { echo "Please run as root once, or install: ${missing[*]}" >&2; exit 1; }
    as_root=(sudo)
  fi
  say "installing Debian packages, once: ${missing[*]}"
  packages_fetch "${missing[@]}"
}

packages_fetch() (
  policy=/usr/sbin/policy-rc.d quiet=()
  for name in "${packages_never_serving[@]}"; do [[ " $* " != *" $name "* ]] || quiet+=("$name"); done
  if ((${#quiet[@]})) && [[ ! -e $policy ]]; then
    trap '"${as_root[@]}" rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" install -m 755 /dev/stdin "$policy"
  fi
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
  for name in "${quiet[@]}"; do "${as_root[@]}" update-rc.d "$name" disable; done
)
