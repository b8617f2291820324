# Values for the Azure of certificate.lab.hcl, which `arcbook run -lab` uses.

vault       = "arcweb00000000"
server_name = "www.example.net"
