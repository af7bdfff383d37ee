"""The signatures of formats that are not seeds: how a PDF, a picture or an archive of mail begins. Data only.

A row is: prefixes, a pattern over the same bytes (empty where the prefix is enough), a short id, a name for people. The
prefixes are a quick test; the pattern is matched from the first byte. Within a group of equal prefixes the first row that
fits wins. `foreign` says how the two tables are used.

Why a table of our own: `puremagic` 1.30, the best kept library of signatures in Python, takes 390 µs for an English text
of 2 kB (this module 1 µs), 24 ms to import, and names "BM is a firm" a bitmap, "MZ said" a program, "ID3 tags are" music,
"GIF89a was" a picture and "From here on" a mailbox. Its answers come with a confidence, but that is computed from the
length of the signature, not from the rest of the header, which is what tells a text from a picture.

Sources are the specifications of the formats, and the registry PRONOM of The National Archives.
"""

from __future__ import annotations

# ruff: noqa: E501 - a row is a line

Row = tuple[tuple[bytes, ...], bytes, str, str]

# Matched at the first byte, and only where one of the first 512 bytes is a control character that no text has. So a text
# without control characters is never one of these, whatever its language and encoding.
BINARY: tuple[Row, ...] = (
    # documents
    ((b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",), b"", "ole2", "Microsoft Office document (OLE2)"),
    ((b"\xffWPC",), b"", "wordperfect", "WordPerfect document"),
    ((b"\xdb\xa5-\0",), b"", "winword2", "Word 2 document"),
    ((b"1\xbe\0\0", b"2\xbe\0\0"), b"", "ms-write", "Windows Write document"),
    ((b"\0\0\x02\0",), rb"\0\0\x02\0[\x04\x06]\x04", "lotus-123", "Lotus 1-2-3 spreadsheet"),
    ((b"\0\x01\0\0Standard ",), rb"\0\x01\0\0Standard (?:Jet|ACE) DB\0", "access", "Microsoft Access database"),
    ((b"!BDN",), rb"!BDN.{4}SM", "pst", "Outlook mail folder (PST)"),
    ((b"ITSF",), rb"ITSF[\x02-\x04]\0\0\0", "chm", "Windows help file (CHM)"),
    ((b"ITOLITLS",), b"", "lit", "Microsoft Reader book"),
    ((b"?_\x03\0",), b"", "hlp", "Windows help file"),
    ((b"AT&TFORM",), rb"AT&TFORM.{4}(?:DJV[UMI]|THUM)", "djvu", "DjVu document"),
    # archives and compressed files
    ((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"), b"", "zip", "ZIP archive"),
    ((b"\x1f\x8b",), rb"\x1f\x8b\x08", "gzip", "gzip file"),
    ((b"BZh",), rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)", "bzip2", "bzip2 file"),
    ((b"\xfd7zXZ\0",), b"", "xz", "xz file"),
    ((b"]\0\0",), rb"\]\0\0..(?:\xff{8}|.{5}\0{3})", "lzma", "LZMA file"),
    ((b"LZIP\x01",), b"", "lzip", "lzip file"),
    ((b"\x89LZO\0\r\n\x1a\n",), b"", "lzop", "lzop file"),
    ((b"\x28\xb5\x2f\xfd",), b"", "zstd", "Zstandard file"),
    ((b'\x04"M\x18', b"\x02!L\x18"), b"", "lz4", "LZ4 file"),
    ((b"\xff\x06\0\0sNaPpY",), b"", "snappy", "Snappy file"),
    ((b"\x1f\x9d", b"\x1f\xa0", b"\x1f\x1e"), rb"\x1f(?:\x9d[\x80-\x90\x09-\x10]|[\xa0\x1e])", "compress", "Unix compress file"),
    ((b"7z\xbc\xaf\x27\x1c",), b"", "7z", "7-Zip archive"),
    ((b"Rar!\x1a\x07",), rb"Rar!\x1a\x07[\0\x01]", "rar", "RAR archive"),
    ((b"MSCF\0\0\0\0",), b"", "cab", "Windows cabinet archive"),
    ((b"ISc(",), rb"ISc\(.{3}[\x01\x02]", "installshield", "InstallShield cabinet"),
    ((b"MSWIM\0\0\0",), b"", "wim", "Windows image (WIM)"),
    ((b"xar!\0",), b"", "xar", "xar archive"),
    ((b"\xed\xab\xee\xdb",), rb"\xed\xab\xee\xdb[\x03\x04]", "rpm", "RPM package"),
    ((b"hsqs",), rb"hsqs.{24}\x04\0\0\0", "squashfs", "SquashFS image"),
    ((b"QFI\xfb\0",), b"", "qcow", "QEMU disk image"),
    ((b"KDMV",), rb"KDMV[\x01-\x03]\0\0\0", "vmdk", "VMware disk image"),
    ((b"conectix\0",), b"", "vhd", "virtual hard disk"),
    # pictures
    ((b"GIF87a", b"GIF89a"), rb"GIF8[79]a.{0,6}[\0-\x08\x0e-\x1f]", "gif", "GIF image"),
    ((b"\xff\xd8\xff",), rb"\xff\xd8\xff[\xc0-\xfe]", "jpeg", "JPEG image"),
    ((b"\x89PNG", b"\xc2\x89PNG", b"\xef\xbf\xbdPNG", b"\x09PNG"), rb"(?:[\x89\x09]|\xc2\x89|\xef\xbf\xbd)PNG\r?\n\x1a\n", "png", "PNG image"),
    ((b"\x8aMNG\r\n\x1a\n",), b"", "mng", "MNG animation"),
    ((b"BM",), rb"BM.{4}\0{4}.{2}\0\0[\x0c\x10\x28\x34\x38\x40\x6c\x7c]\0\0\0", "bmp", "BMP image"),
    ((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"), b"", "tiff", "TIFF image"),
    ((b"\0\0\x01\0",), rb"\0\0\x01\0[\x01-\xff]\0.{3}[\0\x01]", "ico", "Windows icon"),
    ((b"\0\0\x02\0",), rb"\0\0\x02\0[\x01-\xff]\0.{2}.\0", "cur", "Windows cursor"),
    ((b"8BPS\0",), rb"8BPS\0[\x01\x02]\0{6}", "psd", "Photoshop image"),
    ((b"gimp xcf ",), rb"gimp xcf (?:file|v\d{3})\0", "xcf", "GIMP image"),
    ((b"\0\0\0\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51\0"), b"", "jpeg2000", "JPEG 2000 image"),
    ((b"\0\0\0\x0cJXL \r\n\x87\n",), b"", "jxl", "JPEG XL image"),
    ((b"\n",), rb"\n[\0\x02-\x05]\x01[\x01\x02\x04\x08]", "pcx", "PCX image"),
    ((b"P4", b"P5", b"P6"), rb"P[456]\s(?:#[^\n]{0,200}\n|\s){0,20}\d{1,9}\s{1,9}\d{1,9}\s", "netpbm", "Netpbm image"),
    ((b"DDS |\0\0\0",), b"", "dds", "DDS texture"),
    ((b"v/1\x01",), b"", "exr", "OpenEXR image"),
    ((b"icns\0",), b"", "icns", "macOS icon"),
    ((b"qoif\0",), b"", "qoi", "QOI image"),
    ((b"\x01\xda",), rb"\x01\xda[\0\x01][\x01\x02]\0[\x01-\x03]", "sgi", "SGI image"),
    ((b"\x59\xa6\x6a\x95",), rb"\x59\xa6\x6a\x95\0", "sun-raster", "Sun raster image"),
    ((b"\xd7\xcd\xc6\x9a\0\0",), b"", "wmf", "Windows metafile"),
    ((b"\x01\0\0\0",), rb"\x01\0\0\0.{36} EMF", "emf", "Windows enhanced metafile"),
    ((b"BPG\xfb",), b"", "bpg", "BPG image"),
    ((b"FLIF",), rb"FLIF[\x31-\x6f][0-2]", "flif", "FLIF image"),
    ((b"AC10",), rb"AC10\d\d\0", "dwg", "AutoCAD drawing"),
    # sound and film
    ((b"ID3",), rb"ID3[\x02-\x04]\0.[\0-\x7f]{4}", "mp3", "MP3 audio"),
    ((b"fLaC",), rb"fLaC[\0\x80]\0\0\x22", "flac", "FLAC audio"),
    ((b"OggS\0",), b"", "ogg", "Ogg media"),
    ((b"RIFF", b"RIFX", b"RF64"), rb"R(?:IF[FX]|F64).{4}[A-Za-z0-9 ]{4}[A-Za-z0-9 ]{4}.{0,3}[\0-\x08]", "riff", "RIFF file"),
    ((b"FORM",), rb"FORM[\0-\x1f].{3}AIF[FC]", "aiff", "AIFF audio"),
    ((b"FORM",), rb"FORM[\0-\x1f].{3}[A-Z0-9 ]{4}", "iff", "IFF file"),
    ((b"MThd\0\0\0\x06",), b"", "midi", "MIDI file"),
    ((b".snd\0",), b"", "au", "Sun audio"),
    ((b"MAC ",), rb"MAC .[\x0e\x0f]", "ape", "Monkey's Audio"),
    ((b"wvpk",), rb"wvpk.{3}\0", "wavpack", "WavPack audio"),
    ((b"#!AMR\n", b"#!AMR-WB\n"), b"", "amr", "AMR audio"),
    ((b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",), b"", "asf", "Windows Media file"),
    ((b"\x1a\x45\xdf\xa3",), b"", "matroska", "Matroska video"),
    ((b"FLV\x01",), b"", "flv", "Flash video"),
    ((b"FWS", b"CWS", b"ZWS"), rb"[FCZ]WS[\x01-\x32].{3}\0", "swf", "Flash animation"),
    ((b"\0\0\x01\xba", b"\0\0\x01\xb3"), b"", "mpeg", "MPEG video"),
    ((b".RMF\0",), b"", "realmedia", "RealMedia file"),
    ((b".ra\xfd\0",), b"", "realaudio", "RealAudio file"),
    # fonts
    ((b"\0\x01\0\0\0",), rb"\0\x01\0\0\0[\x01-\x40]", "ttf", "TrueType font"),
    ((b"OTTO\0",), b"", "otf", "OpenType font"),
    ((b"ttcf\0",), b"", "ttc", "TrueType collection"),
    ((b"wOFF",), rb"wOFF(?:\0\x01\0\0|OTTO|true)", "woff", "WOFF font"),
    ((b"wOF2",), rb"wOF2(?:\0\x01\0\0|OTTO|true|ttcf)", "woff2", "WOFF2 font"),
    ((b"\x80\x01",), rb"\x80\x01.{4}%!", "pfb", "PostScript font"),
    ((b"\x01fcp",), b"", "pcf", "X11 font"),
    # programs
    ((b"\x7fELF",), rb"\x7fELF[\x01\x02][\x01\x02]", "elf", "ELF program"),
    ((b"MZ",), rb"MZ.[\0\x01]", "exe", "Windows or DOS program"),
    ((b"\xca\xfe\xba\xbe",), rb"\xca\xfe\xba\xbe\0..[\x2d-\x60]", "java-class", "Java class"),
    ((b"\xca\xfe\xba\xbe",), rb"\xca\xfe\xba\xbe\0\0\0[\x01-\x14]", "mach-o", "Mach-O program"),
    ((b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe"), b"", "mach-o", "Mach-O program"),
    ((b"\0asm",), rb"\0asm[\x01-\x0d]\0", "wasm", "WebAssembly module"),
    ((b"BC\xc0\xde", b"\xde\xc0\x17\x0b"), b"", "llvm-bitcode", "LLVM bitcode"),
    ((b"dex\n",), rb"dex\n\d{3}\0", "dex", "Android program"),
    ((b"\x1bLua",), rb"\x1bLua[\x50-\x55]", "lua-bytecode", "Lua bytecode"),
    ((b"FOR1",), rb"FOR1.{4}BEAM", "beam", "Erlang module"),
    # databases and columns of numbers
    ((b"SQLite format 3\0",), b"", "sqlite", "SQLite database"),
    ((b"PAR1", b"PARE"), rb"PAR[1E][\x15-\x1c]", "parquet", "Parquet file"),
    ((b"ARROW1\0\0",), b"", "arrow", "Arrow file"),
    ((b"\xff\xff\xff\xff",), rb"\xff{4}..\0\0[\x04-\x20]\0\0\0", "arrow-stream", "Arrow stream"),
    ((b"FEA1\0\0\0\0",), b"", "feather", "Feather file"),
    ((b"Obj\x01",), b"", "avro", "Avro file"),
    ((b"\x89HDF\r\n\x1a\n",), b"", "hdf5", "HDF5 file"),
    ((b"CDF",), rb"CDF[\x01\x02\x05](?:\0|\xff{4})", "netcdf", "netCDF file"),
    ((b"\x93NUMPY",), rb"\x93NUMPY[\x01-\x03]\0", "numpy", "NumPy array"),
    ((b"MATLAB 5.0 MAT-file",), b"", "matlab", "MATLAB file"),
    ((b"<stata_dta><header>",), b"", "stata", "Stata file"),
    ((b"RDX2\nX\n", b"RDX3\nX\n"), b"", "rdata", "R data"),
    ((b"$FL2@(#)", b"$FL3@(#)"), b"", "spss", "SPSS file"),
    ((b"\x13\x57\x9a\xce", b"\xce\x9a\x57\x13"), b"", "gdbm", "GDBM database"),
    ((b"REDIS00",), rb"REDIS00\d\d", "redis", "Redis dump"),
    ((b"GGUF",), rb"GGUF[\x01-\x09]\0\0\0", "gguf", "GGUF model"),
    ((b"GRIB",), rb"GRIB.{3}[\x01\x02]", "grib", "GRIB weather file"),
    ((b"BUFR",), rb"BUFR.{3}[\x02-\x05]", "bufr", "BUFR weather file"),
    ((b"\0\0\x27\x0a",), rb"\0\0\x27\x0a\0{20}", "shapefile", "shapefile"),
    ((b"LASF",), rb"LASF.{20}\x01", "las", "LAS point cloud"),
    ((b"PMTiles",), rb"PMTiles[\x01-\x05]", "pmtiles", "PMTiles archive"),
    ((b"BLENDER",), rb"BLENDER(?:[-_][vV]\d{3}|17-)", "blender", "Blender scene"),
    ((b"glTF",), rb"glTF[\x01\x02]\0\0\0", "gltf", "glTF model"),
    ((b"Kaydara FBX Binary  \0",), b"", "fbx", "FBX model"),
    ((b"\x80",), rb"\x80(?:[\x04\x05]\x95.{6}\0\0|[\x02\x03][\x28\x29\x4b\x4d\x58\x5d\x63\x7d\x80\x85-\x8f].{0,2})", "pickle", "Python pickle"),
    # what systems and tools leave
    ((b"bplist0",), rb"bplist0\d", "plist", "property list"),
    ((b"PACK\0\0\0",), rb"PACK\0\0\0[\x02\x03]", "git-pack", "git pack"),
    ((b"\xfftOc\0\0\0\x02",), b"", "git-pack-index", "index of a git pack"),
    ((b"DIRC\0\0\0",), rb"DIRC\0\0\0[\x02-\x04]", "git-index", "git index"),
    ((b"# v2 git bundle\n", b"# v3 git bundle\n"), b"", "git-bundle", "git bundle"),
    ((b"L\0\0\0\x01\x14\x02\0",), b"", "lnk", "Windows shortcut"),
    ((b"\0\0\0\x01Bud1",), b"", "ds-store", "macOS folder settings (.DS_Store)"),
    ((b"\0\x05\x16\x07\0", b"\0\x05\x16\0\0"), b"", "appledouble", "macOS file attributes (AppleDouble)"),
    ((b"regf",), rb"regf.{16}\x01\0\0\0", "registry-hive", "Windows registry hive"),
    ((b"ElfFile\0",), b"", "evtx", "Windows event log"),
    ((b"MDMP\x93\xa7",), b"", "minidump", "crash dump"),
    ((b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4", b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d"), b"", "pcap", "network capture"),
    ((b"\n\r\r\n",), rb"\n\r\r\n.{4}(?:\x4d\x3c\x2b\x1a|\x1a\x2b\x3c\x4d)", "pcapng", "network capture"),
    ((b"\xde\x12\x04\x95", b"\x95\x04\x12\xde"), b"", "gettext-mo", "gettext catalogue"),
    ((b"TZif",), rb"TZif[\0 2-4]\0{15}", "tzif", "time zone file"),
    ((b"\0\r\xbb\xa0", b"\xa0\xbb\r\0"), b"", "mozilla-cache", "browser cache"),
)  # fmt: skip

_DAY = rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_MONTH = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_END = rb"[ \t]{0,99}(?:\r?\n|\r|\Z)"
_CLOCK = rb"\d{1,2}:\d\d:\d\d[,.]\d{1,3}"
_DIGITS = tuple(b"%d" % digit for digit in range(10))
_LETTERS = tuple(bytes([letter]) for letter in b"abcdefghijklmnopqrstuvwxyz")
_BIBTEX = (
    rb"@(?i:article|book|booklet|inbook|incollection|inproceedings|conference|manual|mastersthesis|misc|online|phdthesis"
    rb"|proceedings|techreport|unpublished)\s{0,9}\{\s{0,9}[^\s,{}\"]{1,200}\s{0,9},\s{0,99}[A-Za-z_-]{1,40}\s{0,9}=\s{0,9}[{\"\w]"
)
_ADDED = rb"(?:--- [^\r\n]{1,500}\r?\n\+\+\+ [^\r\n]{1,500}\r?\n@@ -\d|\*\*\* [^\r\n]{1,500}\r?\n--- [^\r\n]{1,500}\r?\n\*{15})"

# Matched after a byte-order mark and spaces, in UTF-16 and UTF-32 too. These are texts that a person could have begun an
# article with, so each pattern asks for more than a first word: a version, a line end, a second line.
TEXTUAL: tuple[Row, ...] = (
    # pointers: the document itself is elsewhere
    (
        (b"version https://git-lfs", b"version https://hawser"),
        rb"version https://(?:git-lfs|hawser)\.github\.com/spec/v\d" + _END, "git-lfs", "Git LFS pointer",
    ),
    (
        (b"/annex/objects/", b"../", b".git/annex/objects/"),
        rb"(?:(?:\.\./){0,50}\.git)?/annex/objects/[^\s]{1,1000}" + _END, "git-annex", "git-annex pointer",
    ),
    ((b"outs:",), rb"outs:\r?\n- (?:md5|etag|hash): \S{1,80}\r?\n", "dvc", "DVC pointer"),
    ((b"../", b"./"), rb"\.{1,2}/(?:[\w.@+-]{1,255}/){0,40}[\w@+-][\w.@+-]{0,254}\Z", "symlink", "symbolic link written as text"),
    ((b"XSym",), rb"XSym\r?\n\d{4}\r?\n[0-9a-f]{32}\r?\n", "symlink", "symbolic link written as text"),
    ((b"!<symlink>",), b"", "symlink", "symbolic link written as text"),
    # documents
    ((b"%PDF-",), rb"%PDF-\d\.\d[ \t]{0,99}(?:[\r\n]|%[\x80-\xff]|\Z)", "pdf", "PDF document"),
    ((b"%!",), rb"%!PS-AdobeFont-\d|%!FontType1", "type1", "PostScript font"),
    ((b"%!",), rb"%!(?:PS-Adobe-\d\.\d[^\r\n]{0,80}|PS[ \t]{0,9}[\r\n]|[ \t]{0,9}[\r\n]{1,9}[%/\d\[({<])", "postscript", "PostScript document"),
    ((b"{\\rtf",), rb"\{\\rtf(?:\d[\s\\{}]|\s{0,9}[\\{}])", "rtf", "RTF document"),
    (
        (b"\\documentclass", b"\\documentstyle"), rb"\\document(?:class|style)\s{0,99}(?:\[[^\]]{0,500}\]\s{0,99})?\{",
        "latex", "LaTeX document",
    ),
    ((b"%",), rb"(?:%[^\r\n]{0,500}\r?\n\s{0,99}){1,60}\\document(?:class|style)\s{0,99}[\[{]", "latex", "LaTeX document"),
    ((b"\\begin{document}", b"\\input texinfo"), b"", "latex", "LaTeX document"),
    ((b".", b"'\\\""), rb"(?:[.']\\\"[^\r\n]{0,500}\r?\n){0,80}\.(?:TH [^\s]{1,100} \"?\d|Dd (?:[A-Z][a-z]{2,8} \d|\$Mdocdate))", "troff", "manual page (troff)"),
    # mail and the web
    ((b"From ",), rb"From [0-9a-f]{40} Mon Sep 17 00:00:00 2001" + _END, "patch", "patch"),
    (
        (b"From ",),
        rb"From \S{1,200} {1,9}" + _DAY + rb",? " + _MONTH + rb" {1,9}\d{1,2} \d\d:\d\d(?::\d\d)?(?: [A-Z0-9:+-]{1,9})? \d{4}"
        rb"[^\r\n]{0,80}\r?\n>?[!-9;-~]{1,80}:", "mbox", "mailbox (mbox)",
    ),
    ((b"WARC/",), rb"WARC/\d\.\d{1,2}\r?\n[A-Za-z-]{1,60}:", "warc", "web archive (WARC)"),
    ((b"filedesc:",), rb"filedesc:/{0,2}\S{1,500} \S{1,60} \d{14} \S{1,80} \d", "arc", "web archive (ARC)"),
    ((b"CDX ",), rb"CDX(?: [A-Za-z]){5,20}" + _END, "cdx", "index of a web archive (CDX)"),
    (_LETTERS, rb"[a-z0-9-]{1,63}(?:,[a-z0-9-]{1,63}){1,9}(?::\d{1,5})?\)/\S{0,2000} \d{14} (?:\{|\S)", "cdx", "index of a web archive (CDX)"),
    ((b"HTTP/",), rb"HTTP/\d(?:\.\d)? [1-5]\d\d(?: [^\r\n]{0,80})?\r?\n[A-Za-z][A-Za-z-]{0,60}:", "http", "HTTP response"),
    ((b"<?php", b"<?PHP"), rb"<\?(?i:php)\s", "php", "PHP script"),
    ((b"<?=",), rb"<\?=\s{0,99}[$\w]", "php", "PHP script"),
    ((b"<%@",), rb"<%@\s{0,99}(?i:page|taglib|include|language|control|master|webservice)\b", "server-page", "server page (JSP or ASP)"),
    ((b"[InternetShortcut]",), rb"\[InternetShortcut\]" + _END, "url-shortcut", "shortcut to a web page"),
    ((b"[Desktop Entry]",), rb"\[Desktop Entry\]" + _END, "desktop-entry", "desktop entry"),
    (
        (b"User-agent:", b"User-Agent:", b"user-agent:"),
        rb"(?i:user-agent:[ \t]{0,99}\S{1,200}[ \t]{0,99}\r?\n\s{0,99}(?:#[^\n]{0,500}\n\s{0,99}|user-agent:[^\n]{0,200}\n\s{0,99}){0,50}(?:dis)?allow:)",
        "robots", "robots.txt file",
    ),
    # programs
    (
        (b"#!",),
        rb"#![ \t]{0,99}(?:/[\w.+-]{1,100}){2,12}(?:(?<=/env)(?:[ \t]{1,99}[\w./=+-]{1,100}){1,6}|(?:[ \t]{1,99}-\S{0,100}){1,6})?" + _END,
        "script", "script",
    ),
    ((b"@",), rb"@(?i:echo[ \t]{1,99}off)\b", "batch", "Windows batch file"),
    ((b"#include",), rb"#include[ \t]{0,99}(?:<[\w./+-]{1,100}>|\"[\w./+-]{1,100}\")" + _END, "c-source", "C source"),
    ((b"-- MySQL dump", b"-- MariaDB dump"), rb"-- M\w{1,10} dump \d", "sql", "SQL dump"),
    ((b"--",), rb"--\r?\n-- PostgreSQL database (?:cluster )?dump", "sql", "SQL dump"),
    ((b"PRAGMA ", b"BEGIN TRANSACTION;"), rb"(?:PRAGMA foreign_keys=OFF;\s{1,9})?BEGIN TRANSACTION;" + _END, "sql", "SQL dump"),
    ((b"/*", b"#define "), rb"/\* XPM \*/|#define \w{1,100}_width[ \t]{1,99}\d{1,6}" + _END, "xpm", "X11 image"),
    # keys and signed or encoded files
    ((b"-----BEGIN PGP",), rb"-----BEGIN PGP [A-Z ,0-9/]{3,60}-----" + _END, "pgp", "PGP file"),
    ((b"-----BEGIN ",), rb"-----BEGIN (?:[A-Z0-9]{1,20} ){0,4}(?:KEY|CERTIFICATE|REQUEST|PARAMETERS|CRL|PKCS7|CMS)-----" + _END, "pem", "key or certificate (PEM)"),
    ((b"---- BEGIN SSH2 ",), rb"---- BEGIN SSH2 [A-Z ]{3,60} ----" + _END, "ssh-key", "SSH key"),
    (
        (b"ssh-", b"ecdsa-sha2-", b"sk-"), rb"(?:ssh|ecdsa|sk)-[a-z0-9@.-]{3,60} AAAA[0-9A-Za-z+/]{20}", "ssh-key", "SSH key",
    ),
    ((b"PuTTY-User-Key-File-",), rb"PuTTY-User-Key-File-\d: \S", "ssh-key", "SSH key"),
    ((b"age-encryption.org/v",), rb"age-encryption\.org/v\d\r?\n-> ", "age", "age file"),
    ((b"begin ",), rb"begin [0-7]{3,4} [^\r\n]{1,255}\r?\n(?:M[ -`]{60}\r?\n|[ -`]{1,61}\r?\n[` ]?\r?\nend)", "uuencode", "uuencoded file"),
    ((b"begin-base64 ",), rb"begin-base64 [0-7]{3,4} [^\r\n]{1,255}\r?\n[A-Za-z0-9+/=]{4}", "uuencode", "uuencoded file"),
    ((b"=ybegin ",), rb"=ybegin (?:part=\d{1,5} )?(?:total=\d{1,5} )?line=\d", "yenc", "yEnc file"),
    ((b"(This file must be converted with BinHex",), b"", "binhex", "BinHex file"),
    # patches
    ((b"diff --git ",), rb"diff --git [^\r\n]{1,1000}\r?\n(?:index|new|deleted|old|similarity|rename|copy|--- |Binary)", "patch", "patch"),
    ((b"diff ",), rb"diff (?:-{1,2}\S{1,40} ){1,9}[^\r\n]{1,1000}\r?\n(?:---|\*\*\*|\d|Only|Binary)", "patch", "patch"),
    ((b"--- ", b"*** "), _ADDED, "patch", "patch"),
    ((b"Index: ",), rb"Index: [^\r\n]{1,500}\r?\n={67}\r?\n(?:---|\*\*\*|RCS file|diff|Cannot)", "patch", "patch"),
    ((b"# HG changeset patch",), rb"# HG changeset patch" + _END, "patch", "patch"),
    (_DIGITS, rb"\d{1,7}(?:,\d{1,7})?[acd]\d{1,7}(?:,\d{1,7})?\r?\n[<>] ", "patch", "patch"),
    # calendars, subtitles, references and other small formats
    ((b"BEGIN:VCALENDAR", b"begin:vcalendar"), rb"(?i:begin:vcalendar)" + _END, "icalendar", "calendar (iCalendar)"),
    ((b"BEGIN:VCARD", b"begin:vcard"), rb"(?i:begin:vcard)" + _END, "vcard", "address card (vCard)"),
    (_DIGITS, rb"\d{1,6}[ \t]{0,99}\r?\n" + _CLOCK + rb"[ \t]{0,99}-->[ \t]{0,99}" + _CLOCK, "subrip", "subtitles (SubRip)"),
    (
        (b"WEBVTT",), rb"WEBVTT(?:[ \t][^\r\n]{0,500})?\r?\n.{0,4000}?\d\d:\d\d\.\d{3}[ \t]{1,99}-->[ \t]{1,99}\d", "webvtt",
        "subtitles (WebVTT)",
    ),
    ((b"[Script Info]",), rb"\[Script Info\]" + _END, "ass", "subtitles (SubStation Alpha)"),
    ((b"{",), rb"\{\d{1,7}\}\{\d{0,7}\}[^\r\n]{0,500}(?:\r?\n|\Z)", "microdvd", "subtitles (MicroDVD)"),
    ((b"[",), rb"(?:\[(?:ar|ti|al|au|by|offset|length|re|ve):[^\]\r\n]{0,200}\]\s{1,9}){2}", "lrc", "lyrics (LRC)"),
    ((b"#EXTM3U",), rb"#EXTM3U(?: [^\r\n]{0,500})?" + _END, "m3u", "playlist (M3U)"),
    ((b"[playlist]",), rb"\[playlist\]" + _END + rb"(?:File|NumberOf|Title|Length|Version|X-)", "pls", "playlist (PLS)"),
    ((b"@",), _BIBTEX, "bibtex", "BibTeX references"),
    ((b"TY  - ",), rb"TY  - [A-Z]{3,6}" + _END, "ris", "RIS references"),
    ((b"REGEDIT4", b"Windows Registry Editor Version "), rb"(?:REGEDIT4|Windows Registry Editor Version \d\.\d\d)" + _END, "reg", "Windows registry file"),
    ((b"msgid ", b"#"), rb"(?:#[^\r\n]{0,500}\r?\n\s{0,9}){0,60}msgid \"[^\r\n]{0,500}\"\r?\nmsgstr", "gettext-po", "gettext translation"),
    ((b"d",), rb"d(?:8:announce[0-9]|13:announce-listl|7:comment[0-9]|10:created by[0-9]|13:creation datei|8:encoding[0-9]|4:infod)", "torrent", "BitTorrent file"),
    ((b"0",), rb"0\r?\nSECTION\r?\n\s{0,9}2\r?\n", "dxf", "AutoCAD exchange file"),
    ((b"solid",), rb"solid[^\r\n]{0,200}\r?\n\s{0,20}facet normal ", "stl", "STL model"),
    ((b"ply",), rb"ply\r?\n(?:comment [^\n]{0,500}\n){0,20}format (?:ascii|binary)", "ply", "PLY model"),
    ((b"STARTFONT ",), rb"STARTFONT \d\.\d" + _END, "bdf", "X11 font"),
    ((b"SIMPLE  =",), rb"SIMPLE  = {1,20}[TF] ", "fits", "FITS file"),
    ((b"#?RADIANCE", b"#?RGBE"), rb"#\?R(?:ADIANCE|GBE)" + _END, "hdr", "Radiance image"),
    ((b"P1", b"P2", b"P3", b"P7"), rb"P7\r?\nWIDTH \d|P[123]\r?\n(?:#[^\n]{0,200}\n|\s){0,20}\d{1,9}[ \t]{1,99}\d{1,9}[ \t]{0,99}\r?\n[\d\s]{0,4000}\Z", "netpbm", "Netpbm image"),
    ((b"!<arch>",), rb"!<arch>\ndebian-binary ", "deb", "Debian package"),
    ((b"!<arch>",), rb"!<(?:arch|thin)>\n", "ar", "ar archive"),
    ((b"070701", b"070702"), rb"07070[12][0-9A-Fa-f]{104}", "cpio", "cpio archive"),
    ((b"070707",), rb"070707[0-7]{70}", "cpio", "cpio archive"),
    ((b"(dp", b"(lp"), rb"\([dl]p[01]\r?\n", "pickle", "Python pickle"),
    ((b"A\n",), rb"A\n[23]\n\d{5,7}\n\d{5,7}\n", "rdata", "R data"),
    ((b"dn:", b"version: 1"), rb"(?:version: 1\r?\n\s{0,9}(?:#[^\n]{0,200}\n\s{0,9}){0,20})?dn::? [A-Za-z]{1,20}=", "ldif", "LDIF directory"),
)  # fmt: skip

# The command that fetches what a pointer points to.
HINTS = {"git-lfs": "git lfs pull", "git-annex": "git annex get", "dvc": "dvc pull"}

# XML by the local name of its first element: kind, name. Those in `ALONE` are known without an XML declaration.
XML_ROOTS = {
    "rss": ("rss", "RSS feed"),
    "feed": ("atom", "Atom feed"),
    "urlset": ("sitemap", "sitemap"),
    "sitemapindex": ("sitemap", "sitemap"),
    "opml": ("opml", "OPML outline"),
    "plist": ("plist", "property list"),
    "svg": ("svg", "SVG image"),
    "rdf": ("rdf", "RDF document"),
    "kml": ("kml", "KML map"),
    "gpx": ("gpx", "GPX track"),
    "tei": ("tei", "TEI document"),
    "nitf": ("nitf", "NITF news document"),
    "newsml": ("newsml", "NewsML news document"),
    "newsitem": ("newsml", "NewsML news document"),
    "newsmessage": ("newsml", "NewsML news document"),
    "mediawiki": ("mediawiki", "MediaWiki export"),
    "fictionbook": ("fb2", "FictionBook"),
    "stylesheet": ("xslt", "XSLT stylesheet"),
}
ALONE = frozenset(XML_ROOTS) - {"svg", "stylesheet"}
