# shellcheck shell=sh
# Captures of MQTT. To be read by record.sh with ".".
# shellcheck disable=SC2034,SC2154 # the parts share their variables

all="$all mqtt mqtt_tls mqtt_websocket"

# broker [LINES]: mosquitto at the server; LINES are for its configuration
broker() {
    need mosquitto mosquitto_pub
    chmod 755 "$work"
    printf 'allow_anonymous true\nlistener 1883 %s\n%s\n' "$server" "${1-}" >"$work/mosquitto"
    background "$s" mosquitto -c "$work/mosquitto"
    sleep 1
}

# subscriber PORT OPTION...: is silent for two of its keep-alive times of five seconds, has a message, and goes
subscriber() {
    own=$1
    shift
    on_client mosquitto_sub -h "$server" -A "$client" -k 5 -i "reader$own" -t house/door -C 1 -W 30 "$@" >>"$work/log" &
    reader=$!
    sleep 11.5
    on_client mosquitto_pub -h "$server" -A "$client" -i writer -t house/door -q "$own" "$@" \
        -m "$(printf '%03000d' 0)"
    wait "$reader"
}

# MQTT 3.1.1 and 5, messages of quality of service 1 and 2.
mqtt() {
    hosts --delay 5
    broker
    listen "tcp port 1883"
    subscriber 1 -V mqttv311
    subscriber 2 -V mqttv5 -q 2
    keep
}

mqtt_tls() {
    hosts --delay 5
    certificate www www.example.com
    chmod 644 "$work/www.key"
    broker "listener 8883 $server
certfile $work/www.pem
keyfile $work/www.key"
    listen "tcp port 8883"
    printf '\020\016\000\004MQTT\004\002\000\005\000\002ab' >"$work/connect"
    printf '\300\000' >"$work/ping"
    printf '\340\000' >"$work/disconnect"
    SSLKEYLOGFILE=$work/keys on_client python3 "$here/peer.py" connect "$server" 8883 from:40001 tls:1.3 \
        "file:$work/connect" recv:4 wait:3 "file:$work/ping" recv:2 wait:3 "file:$work/ping" recv:2 \
        "file:$work/disconnect" notify close
    keep_with_keys
}

mqtt_websocket() {
    hosts --delay 5
    broker "listener 8080 $server
protocol websockets"
    listen "tcp port 8080"
    on_client python3 "$here/frames.py" websocket "$server" 8080 from:40001 protocol:mqtt \
        send:100e00044d5154540402000500026162 send:8206000100017400 wait:3 send:c000 wait:3 ping send:c000 close
    keep
}
