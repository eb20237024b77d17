//! The word table of the domains.

use std::sync::LazyLock;

use cascade_core::query::Lexicon;

use super::Domain;

const DATA: &str = include_str!("../../data/domains.txt");

/// Domains that have words of their own: all but the last, `general`.
pub(super) const WITH_WORDS: usize = Domain::ALL.len() - 1;

/// Classes of the table: the strong words of each domain, then the weak ones.
fn classes() -> Vec<String> {
    let with_words = Domain::ALL.iter().take(WITH_WORDS);
    let strong = with_words.clone().map(|domain| format!("{domain}.strong"));
    strong.chain(with_words.map(|domain| format!("{domain}.weak"))).collect()
}

/// The table, parsed at first use. Bit `n` is strong for domain `n`, bit `WITH_WORDS + n` weak.
pub(super) static WORDS: LazyLock<Lexicon> = LazyLock::new(|| {
    let classes = classes();
    let names: Vec<&str> = classes.iter().map(String::as_str).collect();
    Lexicon::parse(DATA, &names)
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_of_the_data_is_known_and_used() {
        let classes = classes();
        let names: Vec<&str> = classes.iter().map(String::as_str).collect();
        assert!(names.len() <= 64);
        assert_eq!(Lexicon::unknown_classes(DATA, &names), Vec::<&str>::new());
        for name in names {
            assert!(DATA.contains(&format!("[{name}]\n")), "no words for {name}");
        }
    }
}
