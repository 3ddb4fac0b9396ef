//! The device: link, journal, reader, screen, printer. The same code is the simulator. Decides nothing about money
//! (the cloud and the issuer do) and keeps no card data past the reader.

mod clock;
mod device;
mod faults;
mod identity;
mod installer;
pub mod journal;
pub mod lan;
mod lan_key;
pub mod link;
mod memory;
mod network;
mod offline;
pub mod page;
pub mod printer;
mod private_file;
pub mod provision;
pub mod reader;
mod runtime;
#[cfg(feature = "sabotage")]
mod sabotage;
pub mod screen;
mod settings;
pub mod till;

pub use clock::{Clock, SystemClock};
pub use device::Stop;
pub use faults::{CrashPoint, Fate, Faults, NoFaults};
pub use identity::{FileIdentity, Identity, NoIdentity};
pub use installer::{Installer, SimulatedInstaller};
pub use lan_key::{FileLanKey, LanIdentity, LanKey, NoLanKey};
pub use memory::MemoryError;
pub use network::{Interfaces, Loopback, Network, NoNetwork};
pub use offline::Vault;
pub use runtime::{Ports, Terminal, TerminalConfig, TerminalHandle};
#[cfg(feature = "sabotage")]
pub use sabotage::Sabotage;
pub use settings::Settings;
