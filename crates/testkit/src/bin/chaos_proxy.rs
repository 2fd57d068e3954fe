//! `openim-chaos-proxy`: the proxy of this crate as a program.

use std::io::Write as _;
use std::process::ExitCode;

use testkit::ChaosProxy;

const HELP: &str = "\
openim-chaos-proxy: a TCP proxy on loopback that disturbs connections on command

Usage: openim-chaos-proxy --to HOST:PORT [--port N] [--control-port N]

It prints one line of JSON with its addresses and runs until Ctrl-C.
POST /set to the control address with conditions, for example
  {\"latencyMs\":50,\"bytesPerSecond\":10000}   {\"resetAfter\":700,\"direction\":\"down\",\"times\":1}   {\"blackhole\":true}   {}
and POST /cut, /reset or /traffic.
";

struct Arguments {
    to: String,
    port: u16,
    control_port: u16,
}

fn main() -> ExitCode {
    let arguments = match parse(std::env::args().skip(1)) {
        Ok(Some(arguments)) => arguments,
        Ok(None) => return say(HELP),
        Err(why) => return complain(&why, 2),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    match runtime.and_then(|tokio| tokio.block_on(run(&arguments))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => complain(&format!("{error}: free the port or choose another, 0 is any"), 1),
    }
}

fn parse(mut words: impl Iterator<Item = String>) -> Result<Option<Arguments>, String> {
    let mut arguments = Arguments { to: String::new(), port: 0, control_port: 0 };
    while let Some(flag) = words.next() {
        if flag == "--help" || flag == "-h" {
            return Ok(None);
        }
        let value = words.next().ok_or_else(|| format!("{flag} needs a value: see --help"))?;
        let number = || value.parse().map_err(|_| format!("{flag} {value:?} is no port: see --help"));
        match flag.as_str() {
            "--to" => arguments.to = value,
            "--port" => arguments.port = number()?,
            "--control-port" => arguments.control_port = number()?,
            _ => return Err(format!("{flag:?} is not an option: see --help")),
        }
    }
    if arguments.to.rsplit_once(':').is_none_or(|(host, port)| host.is_empty() || port.parse::<u16>().is_err()) {
        return Err("--to HOST:PORT is missing or wrong: see --help".into());
    }
    Ok(Some(arguments))
}

async fn run(arguments: &Arguments) -> std::io::Result<()> {
    let proxy = ChaosProxy::start(arguments.port, &arguments.to).await?;
    let control = proxy.control(arguments.control_port).await?;
    say(&format!("{{\"address\":\"{}\",\"control\":\"http://{control}\"}}\n", proxy.address()));
    // If Ctrl-C cannot be caught, the program runs until it is killed.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
    proxy.stop().await;
    Ok(())
}

fn say(text: &str) -> ExitCode {
    // A closed stdout does not stop the proxy.
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    ExitCode::SUCCESS
}

fn complain(why: &str, code: u8) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "openim-chaos-proxy: {why}");
    ExitCode::from(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> Result<Option<Arguments>, String> {
        parse(arguments.iter().map(|argument| (*argument).to_owned()))
    }

    #[test]
    fn the_target_is_required() {
        let arguments = parsed(&["--to", "[::1]:10001", "--port", "7"]).unwrap().unwrap();
        assert_eq!((arguments.to.as_str(), arguments.port, arguments.control_port), ("[::1]:10001", 7, 0));
        assert!(parsed(&["--help"]).unwrap().is_none());
        for wrong in
            [&[][..], &["--to"], &["--to", "host"], &["--to", ":1"], &["--to", "h:1", "--port", "x"], &["-x", "1"]]
        {
            assert!(parsed(wrong).err().unwrap().contains("--help"), "{wrong:?}");
        }
    }
}
