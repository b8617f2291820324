//! Resource Graph: queries across the resources that the caller may read.

use hyper::{Method, StatusCode};
use serde_json::{Value, json};

use super::id::group_of;
use super::resource::Resource;
use super::{Arm, answer};
use crate::access::Permission;
use crate::exchange::{Answer, Call, Refused};
use crate::query::{self, QueryError, Row, Table};
use crate::token::Claims;

/// The most rows of a page.
const PAGE: usize = 1000;

impl Arm {
    /// Answers `POST /providers/Microsoft.ResourceGraph/resources`.
    pub(super) fn resource_graph(&self, call: &Call, claims: &Claims) -> Result<Answer, Refused> {
        if call.method != Method::POST {
            return Err(super::change::not_supported(call));
        }
        let request: Value =
            serde_json::from_slice(&call.body).map_err(|_| invalid("the body is not JSON"))?;
        let text =
            request.get("query").and_then(Value::as_str).ok_or_else(|| invalid("the query is missing"))?;
        let query = query::parse(text).map_err(|error| malformed(&error))?;
        let subscription = self.context.world.subscription_id.to_string();
        let scopes = request.get("subscriptions").and_then(Value::as_array);
        let is_in = scopes.is_none_or(|all| all.iter().any(|one| one.as_str() == Some(&subscription)));
        let rows = if is_in { self.rows(call, claims, query.table) } else { Vec::new() };
        Ok(page(&request, query::run(&query, rows)))
    }

    fn rows(&self, call: &Call, claims: &Claims, table: Table) -> Vec<Row> {
        let state = self.store.lock();
        let may_read = |resource: &&Resource| {
            let action = match table {
                Table::Resources => format!("{}/read", resource.type_name),
                Table::ResourceContainers => {
                    "Microsoft.Resources/subscriptions/resourceGroups/read".to_owned()
                }
            };
            self.context.access.allows(claims.oid, Permission::Action(&action), &resource.id)
        };
        let found: Vec<&Resource> = match table {
            Table::Resources => state.resources().filter(may_read).collect(),
            Table::ResourceContainers => state.groups().filter(may_read).collect(),
        };
        found.into_iter().map(|resource| self.row(resource, call)).collect()
    }

    fn row(&self, resource: &Resource, call: &Call) -> Row {
        let full = self.full(resource, call);
        let member = |name: &str| full.get(name).cloned().unwrap_or_default();
        let mut properties = member("properties");
        if let Some(os) = properties.get_mut("osType") {
            *os = os.as_str().unwrap_or_default().to_lowercase().into();
        }
        let kind = if resource.is_group() {
            "microsoft.resources/subscriptions/resourcegroups".to_owned()
        } else {
            resource.type_name.to_lowercase()
        };
        let name = resource.name.rsplit('/').next().unwrap_or_default();
        let columns = [
            ("id", Value::from(resource.id.as_str())),
            ("name", name.into()),
            ("type", kind.into()),
            ("tenantId", self.context.world.tenant_id.to_string().into()),
            ("kind", member("kind")),
            ("location", resource.location().into()),
            ("resourceGroup", group_of(&resource.id).to_lowercase().into()),
            ("subscriptionId", self.context.world.subscription_id.to_string().into()),
            ("managedBy", member("managedBy")),
            ("sku", member("sku")),
            ("plan", member("plan")),
            ("properties", properties),
            ("tags", member("tags")),
            ("identity", member("identity")),
            ("zones", member("zones")),
            ("extendedLocation", member("extendedLocation")),
        ];
        columns.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// Returns the page of the rows that the options ask for. There is a token for the next one only if the rows have ids.
fn page(request: &Value, rows: Vec<Row>) -> Answer {
    let option = |name: &str| request.get("options").and_then(|options| options.get(name));
    let number =
        |name: &str| option(name).and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok());
    let token = option("$skipToken")
        .and_then(Value::as_str)
        .and_then(|token| token.strip_prefix("lab-")?.parse().ok());
    let start: usize = token.or(number("$skip")).unwrap_or(0);
    let top = number("$top").unwrap_or(PAGE).clamp(1, PAGE);
    let total = rows.len();
    let has_ids = rows.first().is_some_and(|row| row.contains_key("id"));
    let page: Vec<Value> = rows.into_iter().skip(start).take(top).map(Value::from).collect();
    let more = start + page.len() < total;
    let mut body = json!({
        "totalRecords": total,
        "count": page.len(),
        "resultTruncated": if more && !has_ids { "true" } else { "false" },
        "data": page,
        "facets": [],
    });
    if more && has_ids {
        body["$skipToken"] = format!("lab-{}", start + top).into();
    }
    Answer::json(StatusCode::OK, &body)
        .header("x-ms-user-quota-remaining", "14")
        .header("x-ms-user-quota-resets-after", "00:00:05")
}

fn invalid(reason: &str) -> Refused {
    answer::refused(StatusCode::BAD_REQUEST, "BadRequest", &format!("Please provide valid query: {reason}."))
}

/// Builds the refusal of a query, which says what the lab answers instead.
fn malformed(error: &QueryError) -> Refused {
    let message = format!(
        "Query is invalid. Please refer to the documentation for the Azure Resource Graph service and fix the error before retrying. At character {}: {}.",
        error.at + 1,
        error.reason
    );
    let body = json!({ "error": {
        "code": "BadRequest",
        "message": message,
        "details": [{ "code": "InvalidQuery", "message": format!("At character {}: {}.", error.at + 1, error.reason) }],
    } });
    Box::new(Answer::json(StatusCode::BAD_REQUEST, &body))
}
