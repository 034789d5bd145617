//! The rules of a request.

use std::str::FromStr;

use hil_model::Subject;
use hil_model::run::FieldError;
use serde_json::Value;

use super::fields::Fields;
use super::{By, Order, RunOrder, SIM_PLUGINS, SimOptions, SimPlugin, What};
use crate::error::{ApiError, ApiResult};
use crate::jobs::SIM;
use crate::jobs::launcher::JobLauncher;

/// The most entries that a list of a request may have.
const MOST: usize = 10_000;
/// What a source begins with that stands for the simulated kind.
const SIM_SOURCE: &str = "sim://";

/// The benches that there are: the simulated one, and the configured one if tests can be run.
type Benches<'a> = Option<&'a dyn JobLauncher>;

/// What a request says, before it is known what it means.
struct Asked {
    suite: Option<String>,
    plugins: Option<Vec<String>>,
    source: Option<String>,
    device: Option<String>,
    filters: Vec<String>,
    config: Vec<(String, String)>,
    unit: Subject,
    options: Fields,
    sim: Option<Fields>,
}

/// The order that a body stands for.
///
/// # Errors
///
/// What is wrong with it, by the name of the field.
pub(crate) fn parse(body: &[u8], by: By, benches: Benches<'_>) -> ApiResult<Order> {
    let json = serde_json::from_slice(body).map_err(|error| ApiError::no_json(error.to_string()))?;
    let asked = read(json)?;
    if is_sim(&asked)? { simulated(asked, by, benches) } else { real(asked, by, benches) }
}

fn read(json: Value) -> ApiResult<Asked> {
    let mut fields = Fields::of_body(json)?;
    let asked = Asked {
        suite: fields.text("suite")?,
        plugins: fields.texts("plugins", MOST)?,
        source: fields.text("source")?,
        device: fields.text("device_requested")?,
        filters: fields.texts("filters", MOST)?.unwrap_or_default(),
        config: fields.object("config")?.map(Fields::leaves).unwrap_or_default(),
        unit: fields.object("unit")?.map_or_else(|| Ok(Subject::default()), unit)?,
        options: match fields.object("options")? {
            Some(options) => options,
            None => Fields::of_body(Value::Object(serde_json::Map::new()))?,
        },
        sim: fields.object(SIM)?,
    };
    fields.finish()?;
    if asked.suite.is_none() && asked.plugins.is_none() && asked.source.is_none() {
        return Err(ApiError::missing("suite", "say what to run: suite, plugins or source"));
    }
    if asked.device.as_deref() == Some("") {
        return Err(ApiError::bad_value("device_requested", "a bench has a name"));
    }
    if let Some(plugins) = &asked.plugins {
        if plugins.is_empty() {
            return Err(ApiError::bad_value(
                "plugins",
                "an empty list runs nothing; leave it out to run all",
            ));
        }
        let twice = plugins.iter().enumerate().find(|(at, name)| plugins[..*at].contains(name));
        if let Some((_, name)) = twice {
            return Err(ApiError::bad_value("plugins", format!("{name:?} is there twice")));
        }
    }
    Ok(asked)
}

fn unit(mut fields: Fields) -> ApiResult<Subject> {
    fn take<T: FromStr<Err = FieldError>>(fields: &mut Fields, name: &str) -> ApiResult<Option<T>> {
        let text = fields.text(name)?;
        let parsed = text.map(|text| text.parse()).transpose();
        parsed.map_err(|error: FieldError| ApiError::bad_value(&fields.path(name), error.to_string()))
    }
    let mut unit = Subject {
        serial_number: take(&mut fields, "serial_number")?,
        part_number: take(&mut fields, "part_number")?,
        part_name: take(&mut fields, "part_name")?,
        revision: take(&mut fields, "revision")?,
        batch: take(&mut fields, "batch")?,
        ..Subject::default()
    };
    let path = fields.path("sub_units");
    for serial in fields.texts("sub_units", MOST)?.unwrap_or_default() {
        let serial =
            serial.parse().map_err(|error: FieldError| ApiError::bad_value(&path, error.to_string()))?;
        unit.sub_units.push(serial);
    }
    fields.finish()?;
    Ok(unit)
}

/// Whether the simulated kind is meant. What contradicts is refused.
fn is_sim(asked: &Asked) -> ApiResult<bool> {
    let source = match &asked.source {
        None => None,
        Some(source) if source.starts_with(SIM_SOURCE) => Some(()),
        Some(source) => {
            let message = format!("{source:?} is no source; {SIM_SOURCE} is the only one");
            return Err(ApiError::unknown("source", "UNKNOWN_SOURCE", message));
        }
    };
    let is_plugin = |name: &String| SIM_PLUGINS.contains(&name.as_str());
    let contradicts = |field, with: &str| Err(ApiError::bad_value(field, format!("contradicts {with}")));
    let by_plugins = asked.plugins.as_ref().map(|names| names.iter().any(is_plugin));
    match (asked.suite.as_deref(), source, by_plugins) {
        (Some(SIM), _, _) => Ok(true),
        (Some(_), Some(()), _) => contradicts("source", "the suite, which is not simulated"),
        (Some(_), None, _) => Ok(false),
        (None, Some(()), Some(false)) => contradicts("source", "the plugins, which are not simulated"),
        (None, Some(()), _) => Ok(true),
        (None, None, by_plugins) => Ok(by_plugins == Some(true)),
    }
}

fn simulated(mut asked: Asked, by: By, benches: Benches<'_>) -> ApiResult<Order> {
    let mut names = asked.plugins.take().unwrap_or_else(|| vec![SIM_PLUGINS[0].to_owned()]);
    if let Some(name) = names.iter().find(|name| !SIM_PLUGINS.contains(&name.as_str())) {
        let message = format!("{name:?} is no plugin of the suite sim; there are {}", SIM_PLUGINS.join(", "));
        return Err(ApiError::unknown("plugins", "UNKNOWN_PLUGIN", message));
    }
    if !asked.filters.is_empty() {
        names.retain(|name| asked.filters.iter().any(|filter| name.contains(filter)));
        if names.is_empty() {
            return Err(ApiError::bad_value("filters", "no plugin's name contains one of these"));
        }
    }
    let mut plugins = Vec::new();
    for name in names {
        let given = asked.options.object(&name)?;
        let short = if name == SIM { asked.sim.take() } else { None };
        let options = match (given, short) {
            (Some(_), Some(_)) => {
                return Err(ApiError::bad_value(SIM, "is short for options.sim, which is there as well"));
            }
            (Some(fields), None) | (None, Some(fields)) => SimOptions::read(fields)?,
            (None, None) => SimOptions::default(),
        };
        plugins.push(SimPlugin { name, options });
    }
    if asked.sim.is_some() {
        return Err(ApiError::bad_value(SIM, "are options of a plugin that is not run"));
    }
    refuse_options(&asked.options)?;
    if !asked.config.is_empty() {
        let order = RunOrder { config: asked.config.clone(), ..RunOrder::default() };
        match benches {
            Some(launcher) => launcher.check_config(&order.config)?,
            None => return Err(ApiError::bad_value("config", "there is no bench that it could configure")),
        }
    }
    let fallback = asked.device.as_deref().is_some_and(|name| name != SIM);
    Ok(Order {
        device_requested: asked.device,
        device_used: SIM.to_owned(),
        fallback,
        by,
        what: What::Sim { plugins, unit: asked.unit, config: asked.config },
    })
}

fn refuse_options(options: &Fields) -> ApiResult<()> {
    match options.names().into_iter().next() {
        None => Ok(()),
        Some(name) => {
            let message = "no plugin of that name is run that has options";
            Err(ApiError::unknown(&options.path(&name), "UNKNOWN_PLUGIN", message))
        }
    }
}

fn real(asked: Asked, by: By, benches: Benches<'_>) -> ApiResult<Order> {
    let known = |names: &[String], name: &String| names.contains(name);
    let (suites, tests) = match benches {
        Some(launcher) => (launcher.bench().suites.as_slice(), launcher.bench().tests.as_slice()),
        None => (&[][..], &[][..]),
    };
    if let Some(suite) = asked.suite.as_ref().filter(|suite| !known(suites, suite)) {
        let all: Vec<&str> = suites.iter().map(String::as_str).chain([SIM]).collect();
        let message = format!("there is no suite {suite:?}; the suites are {}", all.join(", "));
        return Err(ApiError::unknown("suite", "UNKNOWN_SUITE", message));
    }
    for name in asked.plugins.iter().flatten() {
        let message = if !known(tests, name) {
            format!("there is no test {name:?}")
        } else if let Some(suite) = asked.suite.as_ref().filter(|suite| suite_of(name) != suite.as_str()) {
            format!("{name:?} is not in the suite {suite}")
        } else {
            continue;
        };
        return Err(ApiError::unknown("plugins", "UNKNOWN_PLUGIN", message));
    }
    if asked.sim.is_some() {
        return Err(ApiError::bad_value(SIM, "is for the simulated kind, which is not what is to be run"));
    }
    refuse_options(&asked.options)?;
    // A suite or a test that exists is somebody's who can run it.
    let Some(launcher) = benches else {
        return Err(ApiError::unknown("suite", "UNKNOWN_SUITE", "this server runs no tests"));
    };
    let name = &launcher.bench().name;
    if let Some(device) = asked.device.as_ref().filter(|device| *device != name) {
        let message = format!("there is no bench {device:?}; the bench is {name}");
        return Err(ApiError::unknown("device_requested", "DEVICE_UNAVAILABLE", message));
    }
    let order = RunOrder {
        suite: asked.suite,
        plugins: asked.plugins,
        filters: asked.filters,
        config: asked.config,
        unit: asked.unit,
    };
    launcher.check_config(&order.config)?;
    if launcher.plan(&order).is_empty() {
        return Err(ApiError::bad_value("filters", "no test's name contains one of these"));
    }
    Ok(Order {
        device_requested: asked.device,
        device_used: name.clone(),
        fallback: false,
        by,
        what: What::Run(order),
    })
}

fn suite_of(test: &str) -> &str {
    test.split("::").next().unwrap_or(test)
}
