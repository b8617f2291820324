#!/usr/bin/env bash
# Boots a systemd of its own, which starts `go.target`: `machine.sh DIRECTORY PROGRAM`. It takes root, and touches nothing of this
# machine: the systemd has a file system, processes, mounts and a cgroup of its own, and root is root only there.
#
# DIRECTORY has what is copied over the file system, such as etc/systemd/system. The file system is DIRECTORY/machine, and the
# machine ends when somebody opens and closes /root/ended. Code 77: this machine does not let it boot.
set -euo pipefail

# The second half, inside of the namespaces.
if [ "${1-}" = inside ]; then
  root=$2/machine
  mount --make-rprivate /
  mount --bind "$root" "$root"
  mount --rbind /usr "$root/usr"
  mount -t tmpfs -o mode=755 tmpfs "$root/usr/local"
  mkdir "$root/usr/local/bin"
  touch "$root/usr/local/bin/arcbook"
  mount --bind "$3" "$root/usr/local/bin/arcbook"
  mount -t proc proc "$root/proc"
  mount --rbind /sys "$root/sys"
  mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
  for place in run tmp dev; do mount -t tmpfs -o mode=755 tmpfs "$root/$place"; done
  chmod 1777 "$root/tmp"
  for device in null zero full random urandom tty; do
    touch "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
  done
  mkdir "$root/dev/shm" "$root/dev/pts"
  mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
  ln -s pts/ptmx "$root/dev/ptmx"
  ln -s /proc/self/fd "$root/dev/fd"
  for at in 0 1 2; do ln -s "/proc/self/fd/$at" "$root/dev/$(cut -d ' ' -f $((at + 1)) <<<'stdin stdout stderr')"; done
  cd "$root"
  pivot_root . old
  cd /
  umount -l /old
  # Credentials reach a service by a mount in another namespace.
  mount --make-rshared /
  exec env -i container=test PATH=/usr/sbin:/usr/bin SYSTEMD_UNIT_PATH=/etc/systemd/system \
    /usr/lib/systemd/systemd --system --unit=go.target --show-status=no
fi

here=$(realpath -- "$1") program=$(realpath -- "$2") self=$(realpath -- "$0")
exec 3>&2
unable() { echo "$*" >&3; exit 77; }
[ "$(id -u)" = 0 ] || unable "it takes root"
[ -x /usr/lib/systemd/systemd ] || unable "it takes systemd"
unified=$(findmnt -n -l -o TARGET -t cgroup2 | head -n 1)
[ -n "$unified" ] || unable "it takes a mounted cgroup2"
cgroup=$unified$(sed -n 's/^0:://p' /proc/self/cgroup)/arcbook-test-$$
mkdir "$cgroup" 2>/dev/null || unable "it takes a cgroup"

root=$here/machine
mkdir -p "$root"/{usr,proc,sys,dev,run,tmp,etc,home,old,root,srv,var/lib,var/log,var/tmp,var/opt/azcmagent/tokens}
for link in bin sbin lib lib64; do ln -s "usr/$link" "$root/$link"; done
for file in passwd group nsswitch.conf hosts os-release ld.so.cache ssl/certs alternatives; do
  if [ -e "/etc/$file" ]; then
    mkdir -p "$root/etc/$(dirname "$file")"
    cp -a "/etc/$file" "$root/etc/$file"
  fi
done
grep -q '^himds:' "$root/etc/group" || echo 'himds:x:890:' >>"$root/etc/group"
echo 0123456789abcdef0123456789abcdef >"$root/etc/machine-id"
cp -a "$here/etc" "$here/root" "$root/"
units=$root/etc/systemd/system
for target in sysinit basic shutdown timers network-online; do
  printf '[Unit]\nDescription=%s\nDefaultDependencies=no\n' "$target" >"$units/$target.target"
done

mkfifo "$here/mapped" "$root/root/ended"
exec 2>"$here/machine.err"
unshare --user bash -c 'read -r < "$0/mapped"
  exec unshare --mount --pid --fork --uts --ipc --cgroup --net --kill-child -- bash "$1" inside "$0" "$2"' \
  "$here" "$self" "$program" &
child=$!
remove() {
  kill -KILL "$child" || true
  wait "$child" || true
  for _ in {1..50}; do
    find "$cgroup" -depth -type d -exec rmdir {} + && break
    sleep 0.1
  done
}
trap remove EXIT
{
  echo "$child" >"$cgroup/cgroup.procs" &&
    echo '0 0 65536' >"/proc/$child/uid_map" && echo '0 0 65536' >"/proc/$child/gid_map"
} || unable "it takes user namespaces"
echo >"$here/mapped"
# The machine opens this end once it is done. One that does not boot never does.
timeout 960 cat "$root/root/ended" || exit 77
