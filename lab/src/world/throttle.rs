//! Limits of the requests to the hosts of a service.

use super::error::Problem;
use super::file::{Labelled, RateFile, ThrottleFile};
use crate::log::Service;
use crate::throttle::{Limit, Rate};

pub(super) fn limits(files: Labelled<ThrottleFile>) -> Result<Vec<Limit>, Problem> {
    files.into_iter().map(|(name, file)| limit(&name, &file)).collect()
}

fn limit(name: &str, file: &ThrottleFile) -> Result<Limit, Problem> {
    let Some(service) = Service::ALL.into_iter().find(|service| service.name() == name) else {
        let names = Service::ALL.map(Service::name).join(", ");
        return Err(Problem::new(&["throttle", name], "not a service", format!("use one of {names}")));
    };
    let all = RateFile { burst: file.burst, per_second: file.per_second };
    let own =
        |block, file: Option<&RateFile>| file.map(|file| rate(&["throttle", name, block], file)).transpose();
    Ok(Limit {
        service,
        all: rate(&["throttle", name], &all)?,
        writes: own("writes", file.writes.as_ref())?,
        deletes: own("deletes", file.deletes.as_ref())?,
    })
}

fn rate(path: &[&str], file: &RateFile) -> Result<Rate, Problem> {
    if file.burst == 0 || file.per_second.is_nan() || file.per_second <= 0.0 {
        let remedy = "give a burst of 1 or more and a rate above 0";
        return Err(Problem::new(path, "a limit that lets nothing through", remedy));
    }
    Ok(Rate { burst: file.burst, per_second: file.per_second })
}
