//! Lists the dashboard's built files, so that they are compiled in: `web/dist` is committed, and cargo alone builds it.

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let dist = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../../web/dist");
    println!("cargo::rerun-if-changed={}", dist.display());
    let dist = dist.canonicalize().map_err(|error| format!("{}: {error}", dist.display()))?;
    let assets = fs::read_dir(dist.join("assets"))?.map(|entry| entry.map(|entry| entry.path()));
    let mut assets = assets.collect::<Result<Vec<_>, _>>()?;
    assets.sort();
    let mut code = format!("const SHELL: &[u8] = include_bytes!({:?});\n", dist.join("index.html"));
    code.push_str("const ASSETS: &[(&str, &[u8])] = &[\n");
    for path in assets {
        let name = path.file_name().and_then(|name| name.to_str()).ok_or("a file's name is not UTF-8")?;
        writeln!(code, "    ({name:?}, include_bytes!({path:?})),")?;
    }
    code.push_str("];\n");
    fs::write(Path::new(&env::var("OUT_DIR")?).join("dashboard.rs"), code)?;
    Ok(())
}
