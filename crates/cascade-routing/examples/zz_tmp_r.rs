use std::io::BufRead;
fn main(){ let d=cascade_routing::DomainDetector::default(); for l in std::io::stdin().lock().lines(){ let l=l.unwrap(); let q:String=serde_json::from_str(&l).unwrap();
 let a=cascade_core::query::QueryAnalysis::new(q); let (x,c)=d.detect(&a); println!("{x} {c:.3}"); }}
