//! The context that every run says first (LIV-08).

use hil_config::{InterfaceType, Resolved};
use hil_model::{Entity, Known, LiveRunning, MutationRule, Standing, StartUp};

use super::hold::Permissions;
use super::{FIRST_NAD, LAST_NAD, LiveOptions, Missing, Reality, SaidBy, server};
use crate::session::SIMULATED_PORT;

/// What the run may do and what it was given, before anything is opened.
pub(crate) fn start_up(
    resolved: &Resolved,
    options: &LiveOptions,
    suites: &[String],
) -> (StartUp, Reality, Permissions) {
    let server = server::url(resolved, options);
    let reality = Reality::of(&resolved.config, server.is_some());
    let named = (!suites.is_empty()).then_some(SaidBy::Argument("--suite"));
    let live = options.run_live.or(named);
    let flash = &resolved.config.flash;
    let permissions = Permissions {
        live: live.is_some(),
        mutation: options.allow_mutation.is_some(),
        flashes: flash.enabled && flash.hex_path.is_some(),
    };
    let start_up = StartUp {
        live: match live {
            None if !reality.bench() && reality.server => LiveRunning::BenchOnly,
            _ if !reality.bench() => LiveRunning::Simulated,
            Some(by) => LiveRunning::On { by: by.to_string() },
            None => LiveRunning::Off,
        },
        mutation: match options.allow_mutation {
            Some(by) => MutationRule::Allowed { by: by.to_string() },
            None if reality.bench() => MutationRule::NotAllowed,
            None if reality.server => MutationRule::BenchOnly,
            None => MutationRule::Simulated,
        },
        // The plan says it.
        held_back: 0,
        entities: entities(resolved, server.as_ref()),
        to_go_live: to_go_live(reality, live.is_some(), resolved),
    };
    (start_up, reality, permissions)
}

fn entities(resolved: &Resolved, server: Option<&(String, String)>) -> Vec<Standing> {
    let known = |entity| match entity {
        Entity::Adapter => adapter(resolved),
        Entity::AdapterAddress => address(resolved),
        Entity::PsuPort => supply(resolved),
        Entity::Ldf => {
            let path = resolved.config.interface.ldf_path.as_ref();
            let path = path.map(|path| path.display().to_string());
            pinned(resolved, "interface.ldf_path", path)
                .unwrap_or_else(|| absent(&Missing::Unset { key: "interface.ldf_path" }))
        }
        Entity::Nad => nad(resolved),
        Entity::NodeIdentity => identity(resolved),
        Entity::Server => server.map_or_else(
            || absent(&Missing::Server),
            |(url, by)| Known::Pinned { value: server::shown(url), by: by.clone() },
        ),
        Entity::Procedure => pinned(resolved, "record.procedure", resolved.config.record.procedure.clone())
            .unwrap_or_else(|| Known::ToBeFound { how: "the names of the suites that run".to_owned() }),
    };
    Entity::ALL.map(|entity| Standing { entity, known: known(entity) }).to_vec()
}

fn absent(missing: &Missing) -> Known {
    Known::Absent { reason: missing.to_string() }
}

/// `value` with who said it; nothing if nobody did.
fn pinned(resolved: &Resolved, key: &str, value: Option<String>) -> Option<Known> {
    let by = resolved.said_by(key)?.to_string();
    Some(Known::Pinned { value: value?, by })
}

fn adapter(resolved: &Resolved) -> Known {
    let kind = resolved.config.interface.kind;
    if kind == InterfaceType::Mock {
        return Known::Simulated {
            what: format!("a bus with the unit {:?}", resolved.config.simulation.ecu),
        };
    }
    pinned(resolved, "interface.type", Some(kind.as_str().to_owned()))
        .unwrap_or_else(|| absent(&Missing::Unset { key: "interface.type" }))
}

/// The key that says where an adapter is.
const fn address_key(kind: InterfaceType) -> Option<&'static str> {
    match kind {
        InterfaceType::Mock => None,
        InterfaceType::Mum | InterfaceType::Mcm => Some("interface.host"),
        InterfaceType::Uart | InterfaceType::Babylin => Some("interface.port"),
    }
}

fn address(resolved: &Resolved) -> Known {
    let interface = &resolved.config.interface;
    let Some(key) = address_key(interface.kind) else {
        return Known::Simulated { what: "it is in this process".to_owned() };
    };
    let value = if key == "interface.host" { &interface.host } else { &interface.port };
    let missing = || match interface.kind {
        InterfaceType::Babylin => {
            Known::ToBeFound { how: "the first BabyLIN that the library lists".to_owned() }
        }
        InterfaceType::Mock | InterfaceType::Mum | InterfaceType::Mcm | InterfaceType::Uart => {
            absent(&Missing::Unset { key })
        }
    };
    pinned(resolved, key, value.clone()).unwrap_or_else(missing)
}

fn supply(resolved: &Resolved) -> Known {
    let (supply, interface) = (&resolved.config.power_supply, &resolved.config.interface);
    match supply.port.as_deref() {
        _ if !supply.enabled => absent(&Missing::SupplyDisabled),
        Some(SIMULATED_PORT) => Known::Simulated { what: "an Owon on a pseudo-terminal".to_owned() },
        Some(port) => pinned(resolved, "power_supply.port", Some(port.to_owned()))
            .unwrap_or_else(|| absent(&Missing::Unset { key: "power_supply.port" })),
        None if interface.kind == InterfaceType::Mock => absent(&Missing::Unset { key: "power_supply.port" }),
        None => Known::ToBeFound {
            how: format!("the serial ports are asked for an identity with {:?}", supply.idn_substr),
        },
    }
}

fn nad(resolved: &Resolved) -> Known {
    let interface = &resolved.config.interface;
    let value = format!("0x{:02X}", interface.nad);
    if let Some(pinned) = pinned(resolved, "interface.nad", Some(value.clone())) {
        return pinned;
    }
    if interface.kind == InterfaceType::Mock {
        return Known::Simulated { what: value };
    }
    Known::ToBeFound { how: format!("the addresses of the LDF, then {FIRST_NAD}–{LAST_NAD}") }
}

fn identity(resolved: &Resolved) -> Known {
    let interface = &resolved.config.interface;
    if interface.kind == InterfaceType::Mock {
        return Known::Simulated { what: format!("the unit {:?}", resolved.config.simulation.ecu) };
    }
    if resolved.said_by("interface.nad").is_some() {
        return Known::ToBeFound { how: "whoever answers at the pinned NAD".to_owned() };
    }
    Known::ToBeFound {
        how: "the product id of the LDF, if it has one, else whoever answers first".to_owned(),
    }
}

/// What a newcomer would have to say.
fn to_go_live(reality: Reality, live: bool, resolved: &Resolved) -> Vec<String> {
    let mut steps = Vec::new();
    if !reality.lin {
        steps.push(
            "interface.type (mum, mcm, uart) and its address: interface.host or HIL_LIN_HOST, for uart interface.port"
                .to_owned(),
        );
    }
    let supply = &resolved.config.power_supply;
    if !reality.psu && supply.enabled {
        steps.push("power_supply.port or HIL_PSU_PORT, or power_supply.enabled=false".to_owned());
    }
    if !reality.bench() || !live {
        steps.push(
            "HIL_RUN_LIVE=1 or --suite NAME to run at all; HIL_ALLOW_MUTATION=1 for tests that change what outlives them"
                .to_owned(),
        );
    }
    if steps.is_empty() {
        return steps;
    }
    if !reality.server {
        steps.push("HIL_SERVER_URL and HIL_API_KEY for records and jobs".to_owned());
    }
    steps.push(
        "docs/benches.md is the way there, docs/live-charter.md says what each outcome means".to_owned(),
    );
    steps
}
