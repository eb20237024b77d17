use std::io::BufRead;
fn main() {
    for l in std::io::stdin().lock().lines() {
        let l = l.unwrap();
        let q: String = serde_json::from_str(&l).unwrap();
        let a = cascade_core::query::QueryAnalysis::new(q);
        println!(
            "{}",
            serde_json::json!({"l":a.complexity.as_str(),"c":a.complexity_confidence,"f":a.form.as_str(),"r":a.requested_format.map(|f|f.as_str()),"w":a.word_count,"t":a.estimated_tokens,"s":format!("{:?}",a.signals).replace("Signals ","").split(", ").filter(|x|x.ends_with("true")||x.ends_with("true }")).collect::<Vec<_>>() })
        );
    }
}
