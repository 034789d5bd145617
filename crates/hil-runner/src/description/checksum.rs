//! Which checksum a frame of the LDF has: decided by the slave that publishes or takes it (hardware
//! reference 1.2).

use hil_ldf::{Database, FrameDef};
use hil_lin::{ChecksumModel, FrameId};

/// The checksum of `frame` under the id `id`: classic for diagnostic frames and where a slave of LIN 1.x
/// publishes it or, if the master does, takes it; else enhanced.
pub fn frame_checksum(ldf: &Database, frame: FrameDef<'_>, id: FrameId) -> ChecksumModel {
    let publisher = frame.publisher();
    let classic = id.is_always_classic()
        || if is_slave(ldf, publisher) {
            is_lin_1(ldf, publisher)
        } else {
            frame.subscribers().any(|node| is_slave(ldf, node) && is_lin_1(ldf, node))
        };
    if classic { ChecksumModel::Classic } else { ChecksumModel::Enhanced }
}

/// Whether the file calls `node` a slave.
pub fn is_slave(ldf: &Database, node: &str) -> bool {
    ldf.slaves().any(|slave| slave.name() == node)
}

/// Whether `node` speaks LIN 1.x. A node for which the file does not say speaks what the file does.
fn is_lin_1(ldf: &Database, node: &str) -> bool {
    let own = ldf.node_attributes(node).and_then(|attributes| attributes.protocol());
    own.unwrap_or(ldf.protocol_version()).trim_matches('"').starts_with("1.")
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
        LIN_description_file;
        LIN_protocol_version = "2.1"; LIN_language_version = "2.1"; LIN_speed = 19.2 kbps;
        Nodes { Master: M, 5 ms, 0.1 ms; Slaves: Old, New, Silent; }
        Signals { A: 8, 0, Old, M; B: 8, 0, New, M; C: 8, 0, M, New; D: 8, 0, M, New, Old; E: 8, 0, Silent, M; }
        Frames { FromOld: 1, Old, 1 { A, 0; } FromNew: 2, New, 1 { B, 0; } ToNew: 3, M, 1 { C, 0; }
                 ToBoth: 4, M, 1 { D, 0; } FromSilent: 5, Silent, 1 { E, 0; } }
        Node_attributes { Old { LIN_protocol = "1.3"; configured_NAD = 1; }
                          New { LIN_protocol = "2.1"; configured_NAD = 2; } }
    "#;

    #[test]
    fn the_slave_decides() {
        let models = |text: &str| {
            let ldf = hil_ldf::parse(text).unwrap().database;
            let classic = |frame: &FrameDef<'_>| {
                let id = FrameId::new(frame.id().unwrap().get()).unwrap();
                frame_checksum(&ldf, *frame, id) == ChecksumModel::Classic
            };
            ldf.frames().filter(classic).map(|frame| frame.name().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(models(FILE), ["FromOld", "ToBoth"]);
        let old_file = FILE.replacen("protocol_version = \"2.1\"", "protocol_version = \"1.3\"", 1);
        assert_eq!(models(&old_file), ["FromOld", "ToBoth", "FromSilent"]);
    }
}
