"""Four static zones with something of everything that changes how a name is looked up. Plain master files, so that
every server reads the same octets."""

SOA = "{apex} 300 IN SOA ns1.{apex} hostmaster.{apex} 7 3600 600 604800 60\n"

MAIN = r"""
$ORIGIN example.org.
$TTL 300
@ NS ns1
@ NS ns2
@ NS ns.elsewhere.example.com.
@ MX 10 mail
@ MX 20 mail.elsewhere.example.com.
@ 120 A 192.0.2.1
@ TXT "v=spf1 -all" "two strings"
@ CAA 0 issue "ca.example.net"
ns1 A 192.0.2.53
ns1 AAAA 2001:db8::53
ns2 A 192.0.2.54
mail A 192.0.2.25
mail AAAA 2001:db8::25
UPPER A 192.0.2.2
host A 192.0.2.3

; RFC 4592: wildcards, beside and below names, in pieces of a name, that lead elsewhere, that exist by a descendant only
*.wild TXT "any"
*.wild A 192.0.2.77
*.wild MX 10 mail
known.wild A 192.0.2.78
leaf.ent.wild TXT "below an empty non-terminal"
sub.*.wild TXT "below the wildcard itself"
*.walias CNAME mail
*.wchain CNAME x.walias
*.wgone CNAME nowhere
*.wout CNAME www.example.com.
*.wself CNAME again.wself
*.wcut CNAME host.child
*.wsrv SRV 1 2 443 host
inner.*.hidden A 192.0.2.79
*.*.double A 192.0.2.80
*a.near A 192.0.2.81
a*.near A 192.0.2.82

; chains, loops, and what stands at their ends
link1 CNAME link2
link2 CNAME link3
link3 CNAME link4
link4 CNAME link5
link5 CNAME link6
link6 CNAME link7
link7 CNAME link8
link8 CNAME link9
link9 CNAME link10
link10 CNAME mail
loop1 CNAME loop2
loop2 CNAME loop1
self CNAME self
out CNAME www.example.com.
to-org CNAME org.
to-child CNAME host.child
to-cut CNAME child
to-glue CNAME ns.child
to-dname CNAME host.moved
to-ent CNAME empty
to-gone CNAME nowhere
to-wild CNAME some.wild
to-sub CNAME www.sub
to-other CNAME www.example.net.
to-big CNAME octets1200

; RFC 6672
moved DNAME new
moved TXT "beside a DNAME"
host.new A 192.0.2.90
alias.new CNAME host
*.deep.new A 192.0.2.91
away DNAME example.com.
other DNAME example.net.
turn1 DNAME turn2
turn2 DNAME turn1
grow DNAME a-long-label-that-makes-names-longer.and-another-long-label-that-does-so.grown
*.grown A 192.0.2.92
to-child-tree DNAME child
to-wild-tree DNAME wild
to-link CNAME link3.moved
link3.new CNAME host

; empty non-terminals
leaf.below.empty TXT "leaf"
a.b.c.d.e.f A 192.0.2.100

; delegations: glue inside, of a sibling, outside; signed; one inside another; many servers; data below a cut
child NS ns.child
child NS ns.elsewhere.example.com.
child DS 12345 13 2 0000000000000000000000000000000000000000000000000000000000000001
ns.child A 192.0.2.110
ns.child AAAA 2001:db8::110
host.child A 192.0.2.111
*.child TXT "below a cut"
deep.er.child MX 10 host.child
sibling NS ns.child
sibling NS ns1
far NS ns.elsewhere.example.com.
outer NS ns1
inner.outer NS ns2
inner.outer DS 12345 13 2 0000000000000000000000000000000000000000000000000000000000000002
self-served NS self-served
self-served A 192.0.2.112
below.wcut2 NS ns1
*.wcut2 A 192.0.2.113
sub NS ns.sub
sub DS 54321 13 2 0000000000000000000000000000000000000000000000000000000000000003
ns.sub A 192.0.2.120

; every kind of data
_sip._udp SRV 0 5 5060 host
_sip._udp SRV 1 5 5060 ns1
_443._tcp TLSA 3 1 1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
naptr NAPTR 100 10 "S" "SIP+D2U" "" _sip._udp
sshfp SSHFP 4 2 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
loc LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m
hinfo HINFO "CPU" "OS"
ptr PTR host
rp RP hostmaster txt
afsdb AFSDB 1 host
unknown TYPE65280 \# 4 01020304
unknown TYPE65281 \# 0
https HTTPS 1 . alpn=h2 ipv4hint=192.0.2.3
svcb SVCB 0 host
several A 192.0.2.130
several AAAA 2001:db8::130
several TXT "a"
several MX 5 several
mx-alias MX 10 link9
mx-cut MX 10 ns.child
mx-wild MX 10 x.wild
srv-outside SRV 0 0 1 www.example.net.

; odd names (RFC 2181 section 11)
dot\.inside A 192.0.2.140
\000\001\255 A 192.0.2.141
sp\032ace A 192.0.2.142
{label63} A 192.0.2.143
{long} A 192.0.2.144
"""

SUB = r"""
$ORIGIN sub.example.org.
$TTL 300
@ NS ns
@ TXT "the child, served beside its parent"
ns A 192.0.2.120
www A 192.0.2.121
up CNAME host.example.org.
* AAAA 2001:db8::121
"""

NET = r"""
$ORIGIN example.net.
$TTL 300
@ DNAME example.org.
@ NS ns1.example.org.
@ MX 10 mail.example.org.
"""

STAR = r"""
$ORIGIN star.example.
$TTL 300
@ NS ns1
ns1 A 192.0.2.160
* A 192.0.2.161
* CAA 0 issue ";"
www A 192.0.2.162
leaf.ent TXT "x"
"""


def sized():
    """RRsets that end just below, at and above every limit that a query can set."""
    lines = []
    for octets in (*range(380, 480, 3), *range(1080, 1200, 3), 1500, 4000, 16000, 38000):
        texts, index = [], 0
        left = octets
        while left > 0:
            text = ("%04d" % index) + "x" * (min(left, 200) - 4)
            texts.append(text)
            left -= max(min(left, 200), 5)
            index += 1
        lines += ['octets%d TXT "%s"' % (octets, text) for text in texts]
    for count in (20, 27, 28, 29, 30, 31, 60, 70, 71, 72, 73, 74, 75, 200):
        lines += ["a%d A 198.51.100.%d" % (count, i) for i in range(count)]
        lines += ["mx%d MX %d m%d.pool" % (count, i, i % 30) for i in range(count)]
    for i in range(30):
        lines += ["m%d.pool A 198.51.100.%d" % (i, i), "m%d.pool AAAA 2001:db8:1::%x" % (i, i)]
    for count in (3, 6, 9, 12, 13):  # referrals whose glue grows over the limits
        for i in range(count):
            owner = "ns%d-of-this-zone.many%d" % (i, count)
            lines += ["many%d NS %s" % (count, owner), owner + " A 192.0.2.%d" % (200 + i)]
            lines += [owner + " AAAA 2001:db8:2::%x" % i]
    return "\n".join(lines) + "\n"


def texts():
    """{apex: master file}"""
    long = ".".join(["l" * 60] * 3 + ["e" * 58])  # with example.org. 255 octets
    main = MAIN.replace("{label63}", "k" * 63).replace("{long}", long) + sized()
    return {
        apex: SOA.format(apex=apex) + text
        for apex, text in (
            ("example.org.", main),
            ("sub.example.org.", SUB),
            ("example.net.", NET),
            ("star.example.", STAR),
        )
    }
