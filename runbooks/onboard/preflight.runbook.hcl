# Looks before anything is changed. Every change waits for step.assert.preflight.

locals {
  # `-var package=` on the command line is an empty text.
  package = var.package == "" ? null : var.package

  # It is read when the plan is made, so a wrong package ends the run before it sends anything.
  package_sha256 = local.package == null ? "" : filesha256(local.package)
  clock_skew     = coalesce(step.endpoint.login.clock_skew, 0)
}

step "host" "here" {
  description = "Looks at the account, and at the space for the agent's programs and for its extensions."
  for_each    = toset(["/opt", "/var/lib"])
  path        = each.value
}

step "arc_agent" "here" {
  description = "Looks for the agent, which must be there if there is no package."
  when        = local.package == null
}

step "endpoint" "login" {
  description = "Name, TLS, proxy and clock: Microsoft Entra."
  service     = "login"
}

step "endpoint" "resource_manager" {
  description = "Name and TLS: Azure Resource Manager."
  service     = "resource_manager"
}

step "endpoint" "graph" {
  description = "Name and TLS: Microsoft Graph."
  service     = "graph"
}

step "endpoint" "agent" {
  description = "Name and TLS: the hosts that the agent needs."
  for_each    = toset(var.hosts)
  host        = each.value
}

step "endpoint" "vault" {
  description = "Name and TLS: the vault."
  when        = var.vault_domain != null
  host        = "${var.vault}.${coalesce(var.vault_domain, "vault.azure.net")}"
}

step "assert" "preflight" {
  description = "Stops the run before its first change if the machine is not ready."

  assertion {
    condition = step.host.here["/opt"].os == "linux"
    message   = "This runbook is for machines with Linux."
  }

  assertion {
    condition = step.host.here["/opt"].elevated || !var.root
    message   = "Run it as root: only root installs the agent and connects the machine."
  }

  assertion {
    condition = min([for space in step.host.here : space.disk_free]...) >= var.disk_gib * 1024 * 1024 * 1024
    message   = "Free some space: the agent and its extensions need ${var.disk_gib} GiB below /opt and below /var/lib."
  }

  assertion {
    condition = abs(local.clock_skew) <= 300
    message   = "Set the clock, for example with `timedatectl set-ntp true`: it differs from Azure's by more than five minutes, and Azure refuses such tokens."
  }

  assertion {
    condition = (var.proxy == null) == (step.endpoint.login.proxy == null)
    message   = "Give arcbook and the agent the same way to Azure: set HTTPS_PROXY for arcbook and `proxy` for the agent, or neither."
  }

  assertion {
    condition = local.package != null ? true : step.arc_agent.here.installed
    message   = "Name the package of the agent in `package`, or install the agent: it is not installed here."
  }

  assertion {
    condition = local.package == null || local.package_sha256 == lower(var.package_sha256)
    message   = "The package is not the one that `package_sha256` names. Nothing was installed: get it again, or correct the digest."
  }

  depends_on = [
    step.endpoint.resource_manager,
    step.endpoint.graph,
    step.endpoint.agent,
    step.endpoint.vault,
  ]
}
