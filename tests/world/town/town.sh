#!/bin/sh
# A town of network namespaces: a street (203.0.113.0/24) on which boxes stand, and homes behind routers that change addresses.
# Obeys lines on its standard input and answers each with one line; at the end of its input all of it is gone.
#
#   place ADDRESS...          somebody on the street itself, under these addresses
#   home KIND ADDRESS         a device behind a router that has this address on the street:
#                             cone        others reach a port that was once used, whoever they are (full cone)
#                             restricted  only who was spoken to answers
#                             symmetric   another port for each place that is spoken to, and only that place answers
#                             double      two routers in a row, both restricted
#                             blocked     restricted, and no UDP passes
#   move ADDRESS ADDRESS      the router's address is another one from now on, and what it knew is forgotten
#   name NAME ADDRESS         who NAME is
#
# `place` and `home` answer with a process whose namespaces are those of the device: nsenter enters them.
#
# Starts as: unshare --user --map-root-user --net --mount sh town.sh HOSTS [ADDRESS...]
# HOSTS is a file for the names of the town; under the addresses the one who starts it is on the street himself.
set -eu
PATH=$PATH:/usr/sbin:/sbin
HOSTS=$1
shift
count=0

echo '127.0.0.1 localhost' >"$HOSTS"
mount --bind "$HOSTS" /etc/hosts
# Nobody is asked for names: a question that is dropped on its way would be waited for.
echo 'nameserver 127.0.0.1' >"$HOSTS.resolver"
mount --bind "$HOSTS.resolver" /etc/resolv.conf

# A namespace that lasts until this shell ends; its process is in `made`.
namespace() {
    setpriv --pdeathsig KILL unshare --net sleep infinity </dev/null >/dev/null 2>&1 &
    made=$!
    until [ "$(readlink "/proc/$made/ns/net")" != "$(readlink /proc/self/ns/net)" ] && [ "$(cat "/proc/$made/comm")" = sleep ]; do
        sleep 0.01
    done
    within "$made" ip link set dev lo up
    within "$made" sh -c 'for all in /proc/sys/net/ipv6/conf/all/disable_ipv6; do if [ -e "$all" ]; then echo 1 >"$all"; fi; done'
}

within() {
    process=$1
    shift
    nsenter --target "$process" --net "$@"
}

# A line between two namespaces: PROCESS NAME ADDRESS PROCESS NAME ADDRESS
line() {
    ip link add "$2" netns "$1" type veth peer name "$5" netns "$4"
    within "$1" sh -c "ip address add $3 dev $2; ip link set dev $2 up"
    within "$4" sh -c "ip address add $6 dev $5; ip link set dev $5 up"
}

# PROCESS ADDRESS: a place on the street.
street() {
    count=$((count + 1))
    ip link add "street$count" type veth peer name street netns "$1"
    ip link set dev "street$count" master street up
    within "$1" sh -c "ip address add $2/24 dev street; ip link set dev street up"
}

# PROCESS OUTSIDE-INTERFACE KIND DEVICE: changes addresses as a router of this kind.
router() {
    source=masquerade
    more=
    case $3 in
    symmetric) source='masquerade fully-random' ;;
    cone) more="chain in { type nat hook prerouting priority dstnat; iifname $2 meta l4proto udp dnat to $4; }" ;;
    blocked) more='chain pass { type filter hook forward priority filter; meta l4proto udp drop; }' ;;
    esac
    within "$1" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
    within "$1" nft -f - <<RULES
table ip router {
    chain out { type nat hook postrouting priority srcnat; oifname $2 $source; }
    chain in_vain { type filter hook input priority filter; iifname $2 ct state new drop; }
    $more
}
RULES
}

home() {
    number=$((count + 1))
    namespace
    device=$made
    namespace
    near=$made
    line "$near" inside "192.168.$number.1/24" "$device" net "192.168.$number.2/24"
    within "$device" ip route add default via "192.168.$number.1"
    far=$near
    if [ "$1" = double ]; then
        namespace
        far=$made
        line "$far" inside "100.64.$number.1/24" "$near" carrier "100.64.$number.2/24"
        within "$near" ip route add default via "100.64.$number.1"
        router "$near" carrier restricted "192.168.$number.2"
    fi
    street "$far" "$2"
    router "$far" street "$1" "192.168.$number.2"
    eval "router_$(echo "$2" | tr . _)=$far"
    made=$device
}

ip link set dev lo up
ip link add street type bridge
ip link set dev street up
for address; do ip address add "$address/24" dev street; done
echo ready
while read -r act one rest; do
    case $act in
    place)
        namespace
        street "$made" "$one"
        for address in $rest; do within "$made" ip address add "$address/24" dev street; done
        echo "$made"
        ;;
    home)
        home "$one" "$rest"
        echo "$made"
        ;;
    move)
        eval "router=\$router_$(echo "$one" | tr . _)"
        # The kernel forgets what it has changed to an address that is taken away.
        within "$router" sh -c "ip address del $one/24 dev street; ip address add $rest/24 dev street"
        eval "router_$(echo "$rest" | tr . _)=$router"
        echo moved
        ;;
    name)
        echo "$rest $one" >>"$HOSTS"
        echo named
        ;;
    esac
done
