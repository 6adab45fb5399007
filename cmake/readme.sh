#!/bin/sh
# Prints what README says to somebody who has a package, and not the sources.
#
#   sh cmake/readme.sh           a distribution's package
#   sh cmake/readme.sh X.Y       the archive with install.sh, for Wireshark X.Y
set -eu

readme=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)/README.md

# section NAME: all of it, without its subsections.
section() {
    awk -v name="## $1" '/^##/ { shown = $0 == name } shown' "$readme"
}

# What stands above the picture.
sed '/^!\[/,$d' "$readme"
if [ $# = 1 ]; then
    cat <<END
## Install

\`\`\`
sh install.sh                # puts plugin and profile into your own Wireshark folders, and says where
sh install.sh --uninstall    # takes them out again
\`\`\`

This archive is for Wireshark $1 and no other: after an upgrade of Wireshark it takes another one. What you have changed in
the profile is kept, with the new file beside it.

END
    sample=sample.pcapng
    manual='man ./tcpphase.7'
else
    sample=/usr/share/doc/wireshark-plugin-tcpphase/examples/story.pcapng
    manual='man tcpphase'
fi
cat <<END
## Use

\`\`\`
wireshark -C "TCP Phase" $sample
tshark -C "TCP Phase" -r $sample
tshark -q -z tcpphase,connections -r $sample     # a line for each connection; in the window: Statistics, TCP Phase Connections
tshark -q -z tcpphase,tree -r $sample            # counts; in the window: Statistics, TCP Phase
\`\`\`

The profile has columns, colours and filter buttons. In a profile of your own: Edit, Preferences, Columns, add one of type
Custom with \`tcpphase.frame_label\`. \`$manual\` describes every field.

END
section 'What the column says'
section 'With keys'
section 'Where Wireshark guesses'
cat <<'END'
## Questions and answers

In the window the buttons of the profile ask most of these.

END
# Without the captures that each was tried on.
section 'Questions and answers' | sed -n 's/|[^|]*|$/|/p'
cat <<'END'

\* needs frames that come later: in tshark use `-2`, in the window apply the filter once the file has been read.

END
section Fields | sed "s/\`man tcpphase\`/\`$(echo "$manual" | sed 's|[/.]|\\&|g')\`/"
cat <<'END'
TCP Phase is free software under the GNU General Public License, version 2 or later.
END
