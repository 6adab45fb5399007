# shellcheck shell=sh
# Puts the profile's files where Wireshark finds them, and takes them out again. To be read by a script with ".".
# What has been changed there stays: a file that is none of those that ever came with TCP Phase. VERSIONS lists these, a
# line "CHECKSUM  NAME" for each. The functions are subshells: they leave the caller's variables alone.

# is_ours FILE NAME VERSIONS
is_ours() (
    grep -qxF "$(sha256sum <"$1" | cut -d ' ' -f 1)  $2" "$3"
)

# put_profile FROM TO VERSIONS
put_profile() (
    mkdir -p "$2"
    echo "  profile  $2 (wireshark -C \"${2##*/}\")"
    for new in "$1"/*; do
        name=${new##*/}
        old=$2/$name
        if [ ! -e "$old" ] || cmp -s "$new" "$old" || is_ours "$old" "$name" "$3"; then
            cp "$new" "$old.part"
            mv "$old.part" "$old"
            rm -f "$old.new"
        else
            cp "$new" "$old.new"
            echo "  kept     $old, which has been changed; the new one is beside it as $name.new"
        fi
    done
)

# take_profile FROM VERSIONS
take_profile() (
    taken=no
    # shellcheck disable=SC2013 # words, without spaces of their own
    for name in $(sed 's/.*  //' "$2" | sort -u); do
        for file in "$1/$name" "$1/$name.new"; do
            if [ -e "$file" ] && is_ours "$file" "$name" "$2"; then
                rm -f "$file"
                taken=yes
            fi
        done
    done
    [ $taken = no ] || echo "  profile  $1"
    for file in "$1"/*; do
        [ ! -e "$file" ] || echo "  kept     $file, which did not come with TCP Phase or has been changed"
    done
    # What is empty may have been made by put_profile.
    rmdir "$1" "${1%/*}" 2>/dev/null || :
)

# say_taken WHOSE LINES: what was there and has been removed or kept, a line for each.
say_taken() (
    removed=$(echo "$2" | grep -v '^  kept ' || :)
    if [ -n "$removed" ]; then
        echo "Removed from $1 folders:"
        echo "$removed"
    else
        echo "Nothing of TCP Phase is in $1 folders."
    fi
    echo "$2" | grep '^  kept ' || :
)
