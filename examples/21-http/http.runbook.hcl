# Any service over HTTP, with a token if it is one of Azure: this runbook asks Blob storage for the properties of a blob,
# for which no step type exists.
#
#   arcbook run -lab examples/21-http
#
# The token goes to a host of its audience and to no other. A service of your own needs no `audience`: its requests carry no
# token, but headers and a body as you like (`arcbook explain http`).

step "blob_container" "notes" {
  account = "arcmi00000000"
  name    = "notes"
}

step "blob_upload" "note" {
  account   = "arcmi00000000"
  container = step.blob_container.notes.name
  name      = "note.json"
  content   = jsonencode({ by = "arcbook" })
}

step "http" "properties" {
  url      = step.blob_upload.note.url
  method   = "HEAD"
  audience = "https://storage.azure.com"
  headers  = { x-ms-version = "2021-08-06" }

  expect {
    status = [200]
  }
}

output "type" { value = step.http.properties.headers.x-ms-blob-type }
output "changed" { value = step.http.properties.headers.last-modified }
