//! The files that the repository ships.

use std::path::{Path, PathBuf};
use std::{env, fs};

use hil_config::{Config, InterfaceType, Sources, json_schema, load};
use rstest::rstest;
use serde_yaml::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn load_shipped(config_file: Option<&str>, env_psu: Option<&str>) -> Config {
    // The supply file of this machine, if there is one, must not decide a test.
    let sources = Sources {
        root: PathBuf::from("/nonexistent"),
        config_file: Some(root().join("config/test_config.yaml")),
        env_psu: env_psu.map(|name| root().join(name)),
        ..Sources::default()
    };
    let base = load(&sources).unwrap_or_else(|errors| panic!("{errors}"));
    match config_file {
        None => base.config,
        Some(name) => {
            let bench = tempfile::TempDir::new().unwrap();
            fs::create_dir(bench.path().join("config")).unwrap();
            let below = bench.path().join("config/test_config.yaml");
            fs::copy(root().join("config/test_config.yaml"), below).unwrap();
            let sources =
                Sources { root: bench.path().to_owned(), config_file: Some(root().join(name)), ..sources };
            load(&sources).unwrap_or_else(|errors| panic!("{errors}")).config
        }
    }
}

#[test]
fn the_default_file_is_the_simulated_bench() {
    let config = load_shipped(None, None);
    assert_eq!(config.bench.name, "simulated");
    assert_eq!(config.interface.kind, InterfaceType::Mock);
    let supply = config.power_supply;
    assert_eq!(supply.port.as_deref(), Some("simulated"));
    assert_eq!((supply.set_voltage, supply.set_current), (12.0, 2.0));
    assert_eq!((supply.over_voltage_limit, supply.over_current_limit), (Some(19.0), Some(3.0)));
    assert!(config.simulation.faults.is_empty());
}

#[test]
fn the_supply_example_loads_on_top() {
    let config = load_shipped(None, Some("config/owon_psu.example.yaml"));
    assert_eq!(config.power_supply.port.as_deref(), Some("COM7"));
    assert_eq!(config.power_supply.over_voltage_limit, Some(19.0));
}

#[rstest]
#[case::mum("config/bench-mum.example.yaml", InterfaceType::Mum)]
#[case::mcm("config/bench-mcm.example.yaml", InterfaceType::Mcm)]
#[case::uart("config/bench-uart.example.yaml", InterfaceType::Uart)]
fn nothing_is_simulated_on_the_example_of_a_real_bench(#[case] file: &str, #[case] kind: InterfaceType) {
    let config = load_shipped(Some(file), None);
    assert_eq!(config.interface.kind, kind);
    assert!(config.interface.host.or(config.interface.port).is_some());
    assert_ne!(config.power_supply.port.as_deref(), Some("simulated"));
}

#[test]
fn the_commented_faults_of_the_default_file_load() {
    let path = root().join("config/test_config.yaml");
    let text = fs::read_to_string(path).unwrap();
    let example =
        text.replace("  faults: []\n", "").replace("  # faults:", "  faults:").replace("  #   - ", "    - ");
    assert_ne!(example, text);
    let bench = crate::bench::Bench::with(example);
    assert_eq!(bench.resolved().config.simulation.faults.len(), 4);
}

#[test]
fn the_committed_schema_is_current() {
    let path = root().join("config/schema.json");
    if env::var_os("UPDATE_SCHEMA").is_some() {
        fs::write(&path, json_schema()).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == json_schema(), "run the test again with UPDATE_SCHEMA=1");
}

/// Walks a shipped file along the schema: what the loader takes, an editor must know.
#[test]
fn the_schema_knows_every_key_of_the_shipped_files() {
    let schema: Value = serde_yaml::from_str(&json_schema()).unwrap();
    let supply = &schema["properties"]["power_supply"];
    let files = [
        ("config/test_config.yaml", &schema),
        ("config/bench-mum.example.yaml", &schema),
        ("config/owon_psu.example.yaml", supply),
    ];
    for (name, schema) in files {
        let text = fs::read_to_string(root().join(name)).unwrap();
        assert_known(&serde_yaml::from_str(&text).unwrap(), schema, name);
    }
}

fn assert_known(value: &Value, schema: &Value, path: &str) {
    let (Value::Mapping(entries), Some(properties)) = (value, schema.get("properties")) else {
        return;
    };
    for (key, value) in entries {
        let key = key.as_str().unwrap();
        let known = properties.get(key).unwrap_or_else(|| panic!("{path}: {key}"));
        assert!(known["description"].is_string(), "{path}: {key} has no description");
        assert_known(value, known, &format!("{path}: {key}"));
    }
}
