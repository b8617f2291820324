# The Azure of this example: it is unavailable twice, and takes its time to register a provider.

tenant_id          = "10000000-0000-4000-8000-000000000001"
subscription       = "00000000-0000-0000-0000-000000000000"
registration_polls = 2
faults             = ["arm:503:times=2:path=/resources"]

resource_group "servers" { location = "westeurope" }

machine "web01" { resource_group = "servers" }

role "Provider Registration" { actions = ["*/read", "*/register/action"] }

role_assignment { role = "Provider Registration" }

resource_type "Microsoft.HybridConnectivity/endpoints" { registered = false }
