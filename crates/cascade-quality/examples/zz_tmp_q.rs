use std::io::BufRead; use cascade_core::{*,ports::*}; use cascade_quality::*;
fn main(){ let j=QualityValidator::new(QualityConfig::for_cascade()).unwrap(); let m=ModelConfig::new("a","openai"); for l in std::io::stdin().lock().lines(){ let r:serde_json::Value=serde_json::from_str(&l.unwrap()).unwrap();
 let a=cascade_core::query::QueryAnalysis::new(r["prompt"].as_str().unwrap()); let mut d=ChatResponse::from_text(r["cheap"].as_str().unwrap()); d.finish_reason=None; d.confidence=r["confidence"].as_f64();
 let v=j.judge_now(JudgeInput{query:&a,complexity:a.complexity,draft:&d,model:&m,threshold:None,response_format:None,tools:&[],tool_choice:None}).unwrap().unwrap();
 println!("{}",serde_json::json!({"a":v.accepted,"s":v.score,"c":v.confidence,"t":v.threshold,"cx":a.complexity.as_str(),"f":v.failed_checks().collect::<Vec<_>>(),"r":v.checks.iter().filter(|c|!c.passed).map(|c|c.reason.to_string()).collect::<Vec<_>>()})); }}
