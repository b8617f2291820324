# Succeeds if the agent is installed in the version $2 or in a newer one, so that nothing is to be done; $1 is the format
# of the package. The agent upgrades itself, so an older package must not take its place.
case $1 in
deb)
  installed=$(dpkg-query --show --showformat='${db:Status-Status} ${Version}' azcmagent 2>/dev/null) || exit 1
  [ "${installed%% *}" = installed ] && dpkg --compare-versions "${installed#* }" ge "$2"
  ;;
rpm)
  installed=$(rpm --query --queryformat '%{VERSION}-%{RELEASE}' azcmagent 2>/dev/null) || exit 1
  [ "$(rpm --eval "%{lua: print(rpm.vercmp('$installed', '$2'))}")" -ge 0 ]
  ;;
*) exit 2 ;;
esac
