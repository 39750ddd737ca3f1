//! Addresses with a query, so that every filter, sort and page can be linked to.

use taizhang_service::work::percent_encoded;

/// A path with query pairs in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    path: String,
    pairs: Vec<(String, String)>,
}

impl Address {
    /// A path with the pairs of a request; empty values are left out.
    #[must_use]
    pub fn new(path: &str, pairs: &[(String, String)]) -> Self {
        let pairs = pairs.iter().filter(|(_, value)| !value.is_empty()).cloned().collect();
        Self { path: path.to_owned(), pairs }
    }

    /// The value of a name; empty if absent.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.pairs.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The same with one value replaced; the place in the list (`after`, `before`) is dropped,
    /// because it belongs to the old filter. An empty value takes the name away.
    #[must_use]
    pub fn set(&self, name: &str, value: &str) -> Self {
        let kept = |known: &str| known != name && known != "after" && known != "before";
        let mut pairs: Vec<_> =
            self.pairs.iter().filter(|(known, _)| kept(known)).cloned().collect();
        if !value.is_empty() {
            pairs.push((name.to_owned(), value.to_owned()));
        }
        Self { path: self.path.clone(), pairs }
    }

    /// The same without some names.
    #[must_use]
    pub fn without(&self, names: &[&str]) -> Self {
        names.iter().fold(self.clone(), |address, name| address.set(name, ""))
    }

    /// The pairs.
    #[must_use]
    pub fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// The text form with percent encoding.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = self.path.clone();
        for (place, (name, value)) in self.pairs.iter().enumerate() {
            text.push(if place == 0 { '?' } else { '&' });
            text.push_str(&percent_encoded(name));
            text.push('=');
            text.push_str(&percent_encoded(value));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn changing_a_filter_drops_the_place() {
        let pairs = [("q", "水 库"), ("after", "x"), ("light", "")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let address = Address::new("/issues", &pairs);
        assert_eq!(address.text(), "/issues?q=%E6%B0%B4%20%E5%BA%93&after=x");
        assert_eq!(address.set("q", "").set("sort", "-due").text(), "/issues?sort=-due");
    }
}
