"""Microsoft's management clients read what another program wrote, and write what it is to read.

Usage: management.py ARM_URL SUBSCRIPTION PRINCIPAL OTHER_PRINCIPAL

PRINCIPAL holds a role that the other program assigned. The environment has a token (ARM_TOKEN) and REQUESTS_CA_BUNDLE.
Prints one JSON object.
"""

import json
import os
import sys
import time

from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.hybridcompute import HybridComputeManagementClient
from azure.mgmt.resource.deployments import DeploymentsMgmtClient
from azure.mgmt.resource.resources import ResourceManagementClient

import loopback

loopback.install()

READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"

TEMPLATE = {
    "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
    "contentVersion": "1.0.0.0",
    "parameters": {"name": {"type": "string"}},
    "resources": [
        {
            "type": "Microsoft.OperationalInsights/workspaces",
            "apiVersion": "2023-09-01",
            "name": "[parameters('name')]",
            "location": "[resourceGroup().location]",
        }
    ],
    "outputs": {"name": {"type": "string", "value": "[parameters('name')]"}},
}


class Given:
    """A credential with a token that the test has made."""

    def get_token(self, *_scopes, **_options):
        return AccessToken(os.environ["ARM_TOKEN"], int(time.time()) + 3600)


def code(error_type, action):
    """Returns the code of the error that an action must have."""
    try:
        action()
    except error_type as error:
        return error.error.code
    return None


def machines(client):
    """The server, the extension that arcbook installed, and scripts."""
    machine = client.machines.get("rg", "vm-1")
    extension = client.machine_extensions.get("rg", "vm-1", "from-arcbook")
    properties = extension.properties
    report = {
        "machine": [machine.location, machine.tags, machine.properties.status],
        "machines": [found.name for found in client.machines.list_by_resource_group("rg")],
        "in_subscription": [found.name for found in client.machines.list_by_subscription()],
        "extension": [
            properties.publisher,
            properties.type,
            properties.settings,
            properties.protected_settings,
            properties.provisioning_state,
            extension.tags,
        ],
        "status": properties.instance_view.status.level,
        "missing": code(ResourceNotFoundError, lambda: client.machines.get("rg", "none")),
    }
    parameters = {
        "location": "westeurope",
        "tags": {"by": "python"},
        "properties": {
            "publisher": "Publisher.python",
            "type": "Type.python",
            "settings": {"level": "high"},
            "protectedSettings": {"commandToExecute": "hush"},
        },
    }
    created = client.machine_extensions.begin_create_or_update("rg", "vm-1", "from-python", parameters).result()
    report["created"] = [created.name, created.properties.provisioning_state, created.properties.protected_settings]
    brief = {
        "location": "westeurope",
        "properties": {"publisher": "Microsoft.Azure.Extensions.Test", "type": "Brief"},
    }
    client.machine_extensions.begin_create_or_update("rg", "vm-1", "brief", brief).result()
    update = {"properties": {"settings": {"size": 2}}}
    updated = client.machine_extensions.begin_update("rg", "vm-1", "brief", update).result()
    report["updated"] = updated.properties.settings
    report["extensions"] = sorted(found.name for found in client.machine_extensions.list("rg", "vm-1"))
    client.machine_extensions.begin_delete("rg", "vm-1", "brief").result()
    report["left"] = sorted(found.name for found in client.machine_extensions.list("rg", "vm-1"))
    return report


def scripts(client):
    """A run command from its creation to its removal."""
    command = {
        "location": "westeurope",
        "properties": {
            "source": {"script": "echo \"$greeting\"; exit 3"},
            "parameters": [{"name": "greeting", "value": "hello"}],
            "protectedParameters": [{"name": "key", "value": "hush"}],
            "asyncExecution": True,
        },
    }
    commands = client.machine_run_commands
    created = commands.begin_create_or_update("rg", "vm-1", "script", command).result()
    while True:
        view = commands.get("rg", "vm-1", "script").properties.instance_view
        if view.execution_state not in ("Unknown", "Pending", "Running"):
            break
        time.sleep(0.01)
    report = {
        "created": [created.properties.source.script, created.properties.protected_parameters],
        "ended": [view.execution_state, view.exit_code, view.output.strip()],
        "listed": [found.name for found in commands.list("rg", "vm-1")],
    }
    commands.begin_delete("rg", "vm-1", "script").result()
    report["left"] = [found.name for found in commands.list("rg", "vm-1")]
    report["gone"] = code(ResourceNotFoundError, lambda: commands.get("rg", "vm-1", "script"))
    return report


def resources(client, subscription):
    """Groups, resources, tags and registrations."""
    scope = f"/subscriptions/{subscription}"
    version = "2023-09-01"
    group = client.resource_groups.get("from-arcbook")
    workspace = f"{scope}/resourceGroups/from-arcbook/providers/Microsoft.OperationalInsights/workspaces/by-arcbook"
    found = client.resources.get_by_id(workspace, api_version=version)
    connectivity = client.providers.get("Microsoft.HybridConnectivity")
    report = {
        "group": [group.location, group.tags],
        "resources": sorted(item.name for item in client.resources.list_by_resource_group("from-arcbook")),
        "resource": [found.location, found.tags, found.properties],
        "tags": client.tags.get_at_scope(f"{scope}/resourceGroups/rg").properties.tags,
        "registration": connectivity.registration_state,
    }
    client.resource_groups.create_or_update("from-python", {"location": "westeurope", "tags": {"by": "python"}})
    own = f"{scope}/resourceGroups/from-python"
    patch = {"operation": "Merge", "properties": {"tags": {"owner": "python"}}}
    client.tags.begin_update_at_scope(own, patch).result()
    report["own_tags"] = client.tags.get_at_scope(own).properties.tags
    body = {"location": "West Europe", "properties": {"retentionInDays": 60}, "tags": {"by": "python"}}
    own = f"{own}/providers/Microsoft.OperationalInsights/workspaces/by-python"
    client.resources.begin_create_or_update_by_id(own, body, api_version=version).result()
    states = [client.providers.register("Microsoft.GuestConfiguration").registration_state]
    while states[-1] == "Registering":
        states.append(client.providers.get("Microsoft.GuestConfiguration").registration_state)
    report["registered"] = [states[0], states[-1]]
    types = [(one.namespace, kind.resource_type) for one in client.providers.list() for kind in one.resource_types]
    report["types"] = sorted("/".join(one) for one in types)
    return report


def deployments(client):
    """The deployment that arcbook made, its prediction, and another one."""
    properties = {"mode": "Incremental", "template": TEMPLATE, "parameters": {"name": {"value": "deployed-by-arcbook"}}}
    prediction = client.deployments.begin_what_if("from-arcbook", "main", {"properties": properties}).result()
    valid = client.deployments.begin_validate("from-arcbook", "main", {"properties": properties}).result()
    without = {"properties": {"mode": "Incremental", "template": TEMPLATE}}
    made = client.deployments.get("from-arcbook", "main").properties
    report = {
        "deployed": [made.provisioning_state, made.mode, made.parameters, made.outputs],
        "predicted": sorted(
            [change.resource_id.rsplit("/")[-1], change.change_type] for change in prediction.changes
        ),
        "valid": [
            valid.properties.provisioning_state,
            [found.id.rsplit("/")[-1] for found in valid.properties.validated_resources],
        ],
        "invalid": code(
            HttpResponseError, lambda: client.deployments.begin_validate("from-arcbook", "main", without)
        ),
        "exists": [client.deployments.check_existence("from-arcbook", name) for name in ("main", "none")],
        "listed": [found.name for found in client.deployments.list_by_resource_group("from-arcbook")],
    }
    properties["parameters"]["name"]["value"] = "deployed-by-python"
    ended = client.deployments.begin_create_or_update("from-python", "main", {"properties": properties}).result()
    report["ended"] = [ended.properties.provisioning_state, ended.properties.outputs]
    return report


def assignments(client, subscription, principal, other):
    """The role that arcbook assigned, its twin, and others."""
    scope = f"/subscriptions/{subscription}/resourceGroups/from-arcbook"
    at_scope = client.role_assignments.list_for_scope(scope, filter="atScope()")
    held = [found for found in at_scope if found.scope == scope]
    role = f"/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions/{READER}"
    wanted = {
        "properties": {"roleDefinitionId": role, "principalId": principal, "principalType": "ServicePrincipal"}
    }
    twin = "40000000-0000-4000-8000-000000000001"
    report = {
        "held": [[found.principal_id == principal, found.description, found.principal_type] for found in held],
        "role": [found.role_definition_id.rsplit("/", 1)[-1] == READER for found in held],
        "twin": code(ResourceExistsError, lambda: client.role_assignments.create(scope, twin, wanted)),
    }
    wanted["properties"]["principalId"] = other
    own = client.role_assignments.create(scope, twin, wanted)
    by_id = client.role_assignments.get_by_id(own.id)
    brief = client.role_assignments.create(
        f"/subscriptions/{subscription}", "40000000-0000-4000-8000-000000000002", wanted
    )
    mine = client.role_assignments.list_for_subscription(filter=f"principalId eq '{other}'")
    report["own"] = [by_id.principal_id == other, len(list(mine))]
    client.role_assignments.delete_by_id(brief.id)
    mine = client.role_assignments.list_for_subscription(filter=f"principalId eq '{other}'")
    report["left"] = [found.name for found in mine]
    roles = client.role_definitions.list(f"/subscriptions/{subscription}", filter="roleName eq 'Reader'")
    report["roles"] = [[found.name == READER, found.role_name, found.role_type] for found in roles]
    return report


def main():
    arm, subscription, principal, other = sys.argv[1:]
    usual = {
        "base_url": arm,
        "credential_scopes": ["https://management.azure.com/.default"],
        "polling_interval": 0.01,
    }

    def client(kind):
        return kind(Given(), subscription, **usual)

    hybrid = client(HybridComputeManagementClient)
    report = {
        "machines": machines(hybrid),
        "scripts": scripts(hybrid),
        "resources": resources(client(ResourceManagementClient), subscription),
        "deployments": deployments(client(DeploymentsMgmtClient)),
        "assignments": assignments(client(AuthorizationManagementClient), subscription, principal, other),
    }
    print(json.dumps(report))


main()
