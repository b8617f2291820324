# Succeeds if the package manager says that the agent's package is not installed; $1 is the format of the package. A package
# manager that is missing or broken has not said so: then this fails, and the removal is tried, which names the fault.
package=azcmagent
export LC_ALL=C
case $1 in
deb)
  answer=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>&1)
  case $?:$answer in
  1:"dpkg-query: no packages found matching $package" | 0:not-installed) exit 0 ;;
  esac
  ;;
rpm)
  # rpm says the same, and more, if it cannot read its database.
  answer=$(rpm --query "$package" 2>&1)
  case $?:$answer in
  *error:*) ;;
  1:*"package $package is not installed") exit 0 ;;
  esac
  ;;
esac
exit 1
