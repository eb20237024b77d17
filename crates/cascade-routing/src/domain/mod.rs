//! What field a query belongs to.

mod detector;
mod name;
mod table;

pub use detector::DomainDetector;
pub use name::Domain;
