#!/usr/bin/env bash
# Assembles the root file system of the image: the binary, the shared libraries it needs, CA certificates, a user.
# No shell, no package manager. The Dockerfile's last layer is this folder and nothing else.
#
#   scripts/rootfs.sh .build/release/sluice FOLDER
#
# Prints the number of files, the size and the libraries. What each Debian package brought is recorded under
# /var/lib/dpkg/status.d, where vulnerability scanners look, with its licence under /usr/share/doc.
set -euo pipefail

[ $# = 2 ] || { echo "usage: scripts/rootfs.sh BINARY FOLDER" >&2; exit 2; }
binary=$(realpath "$1")
mkdir -p "$2"
root=$(realpath "$2")
[ -z "$(ls -A "$root")" ] || { echo "rootfs.sh: $root is not empty" >&2; exit 1; }

# The libraries of a binary as the loader resolves them, the loader itself included.
libraries_of() {
    local listing
    listing=$(ldd "$1")
    if grep -q 'not found' <<<"$listing"; then
        echo "rootfs.sh: missing libraries:" >&2
        grep 'not found' <<<"$listing" >&2
        return 1
    fi
    awk '$2 == "=>" && $3 ~ "^/" { print $3 } $1 ~ "^/" { print $1 }' <<<"$listing" | sort -u
}

# Debian merges /lib into /usr/lib, and dpkg knows a file by only one of the two names.
package_of() {
    local path
    for path in "$1" "$(realpath "$1")" "/usr$1" "${1#/usr}"; do
        dpkg-query -S "$path" 2>/dev/null | head -n 1 | cut -d, -f 1 | sed 's/: .*//' | grep . && return
    done
    echo "rootfs.sh: no package owns $1" >&2
    return 1
}

record() {
    local package=$1 name=${1%%:*}
    dpkg-query -s "$package" >"$root/var/lib/dpkg/status.d/$name"
    install -D -m 644 "/usr/share/doc/$name/copyright" "$root/usr/share/doc/$name/copyright"
}

mkdir -p "$root"/{usr/bin,usr/lib,etc/ssl/certs,var/lib/dpkg/status.d,tmp,proc,sys,dev,run}
mkdir -p "$root/usr/lib/ssl" "$root/usr/lib64"
ln -s usr/lib "$root/lib"
ln -s usr/lib64 "$root/lib64"
ln -s usr/bin "$root/bin"

install -m 755 "$binary" "$root/usr/bin/sluice"
strip "$root/usr/bin/sluice"

libraries=$(libraries_of "$binary")
for library in $libraries; do
    # Under the name the loader asks for, whatever file of whatever version it is a link to.
    mkdir -p "$root$(dirname "$library")"
    install -m 755 "$(realpath "$library")" "$root$library"
done

install -m 644 /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
install -m 644 /etc/ssl/openssl.cnf "$root/etc/ssl/openssl.cnf"
ln -s /etc/ssl/openssl.cnf "$root/usr/lib/ssl/openssl.cnf"
ln -s /etc/ssl/certs "$root/usr/lib/ssl/certs"
ln -s /etc/ssl/certs/ca-certificates.crt "$root/usr/lib/ssl/cert.pem"

printf 'root:x:0:0:root:/:/sbin/nologin\nsluice:x:65532:65532:sluice:/:/sbin/nologin\n' >"$root/etc/passwd"
printf 'root:x:0:\nsluice:x:65532:\n' >"$root/etc/group"
# Names come from /etc/hosts and DNS; Kubernetes mounts both.
printf 'passwd: files\ngroup: files\nhosts: files dns\n' >"$root/etc/nsswitch.conf"
chmod 1777 "$root/tmp"

packages=$(for library in $libraries; do package_of "$library"; done | sort -u)
for package in $packages ca-certificates openssl; do
    dpkg-query -s "$package" >/dev/null 2>&1 && record "$package"
done

echo "$(find "$root" -type f | wc -l) files, $(du -sk --apparent-size "$root" | cut -f 1) kB"
echo "binary: $(stat -c %s "$root/usr/bin/sluice") bytes"
echo "libraries ($(wc -l <<<"$libraries")):"
for library in $libraries; do
    printf '  %-28s %9s  %s\n' "$(basename "$library")" "$(stat -Lc %s "$library")" "$(package_of "$library")"
done
