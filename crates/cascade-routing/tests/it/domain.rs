use cascade_core::query::QueryAnalysis;
use cascade_routing::{Domain, DomainDetector};

fn detect(text: &str) -> Domain {
    DomainDetector::default().detect(&QueryAnalysis::new(text)).0
}

#[test]
fn each_domain_is_found_by_a_plain_query_of_it() {
    let plain = [
        ("Write a Python function to reverse a linked list", Domain::Code),
        ("Clean the data in this dataset and draw a histogram of each column", Domain::Data),
        ("Extract the name and date fields from this letter as JSON", Domain::Structured),
        ("Based on the following document, when was the bridge opened?", Domain::Rag),
        ("How are you?", Domain::Conversation),
        ("Set a reminder for nine and send an email to Anna", Domain::Tool),
        ("Write a poem about a lonely dragon", Domain::Creative),
        ("Compare tea and coffee, with pros and cons", Domain::Comparison),
        ("Summarize the key points of this article", Domain::Summary),
        ("Translate this letter into French", Domain::Translation),
        ("Solve the equation x^2 - 5x + 6 = 0", Domain::Math),
        ("Who invented the telephone?", Domain::Factual),
        ("What are the symptoms of diabetes?", Domain::Medical),
        ("Is the tenant liable under the contract if the court finds negligence?", Domain::Legal),
        ("How does an interest rate change the price of a bond?", Domain::Financial),
        ("Describe the image and transcribe the audio file", Domain::Multimodal),
        ("Rain again", Domain::General),
        ("", Domain::General),
    ];
    for (text, domain) in plain {
        assert_eq!(detect(text), domain, "{text}");
    }
}

#[test]
fn a_higher_threshold_names_fewer_domains() {
    let query = QueryAnalysis::new("What are the symptoms of diabetes?");
    let (domain, confidence) = DomainDetector::new(0.0).detect(&query);
    assert_eq!(domain, Domain::Medical);
    assert_eq!(DomainDetector::new(confidence + 0.01).detect(&query), (Domain::General, 0.5));
}

#[test]
fn names_are_read_back() {
    for domain in Domain::ALL {
        assert_eq!(domain.as_str().parse::<Domain>().unwrap(), *domain);
    }
    let error = "cooking".parse::<Domain>().unwrap_err();
    assert_eq!(error.message(), "unknown domain: `cooking`");
    assert!(error.hint().unwrap().contains("`multimodal`"));
}
