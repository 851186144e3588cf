#!/usr/bin/perl
# The house linter: style as a test. Prints FILE:LINE: what is wrong, and exits 1 when anything is.
use strict;
use warnings;

my $bad = 0;
sub complain { my ($file, $line, $text) = @_; print "$file:$line: $text\n"; $bad++; }

chomp(my @files = `git ls-files -co --exclude-standard -- src tests tools bench | grep -E '\\.(c|h|def)\$' | sort`);
my %text;
for my $file (@files) { next unless -e $file; local $/; open my $in, '<', $file or die "$file: $!"; $text{$file} = <$in>; }

# Functions that truncate, overflow, keep hidden state, or bypass the arena.
my $banned = qr/\b(strcpy|strcat|sprintf|vsprintf|strtok|atoi|atol|atof|gets|strncpy|alloca|localtime|gmtime|rand|srand|system|popen)\s*\(/;
my $heap = qr/(?<![\w>.])(malloc|calloc|realloc|free|strdup|strndup)\s*\(/;

sub blank_comments { my ($s) = @_; $s =~ s{(/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|//[^\n]*)}{ my $m = $1; $m =~ s/[^\n]/ /g; $m }gse; return $s; }

for my $file (sort keys %text) {
    my $s = $text{$file};
    my @lines = split /\n/, $s, -1;
    pop @lines if @lines && $lines[-1] eq '';
    complain($file, scalar @lines, "has " . @lines . " lines; at most 800") if @lines > 800 && $file !~ /\.def$/;
    complain($file, 1, "does not start with a comment on its purpose") unless $s =~ m{\A(#!.*\n)?/\*};
    my $number = 0;
    for my $line (@lines) {
        $number++;
        (my $wide = $line) =~ s/[^\x00-\x7f]{3}/xx/g; # a Chinese character is two columns, three bytes
        complain($file, $number, "is longer than 140 columns") if length $wide > 140 && $file !~ /\.def$/ && $file !~ /_data\.c$/;
        complain($file, $number, "has a tab") if $line =~ /\t/;
        complain($file, $number, "ends in blanks") if $line =~ /[ ]$/;
        complain($file, $number, "names unfinished work") if $line =~ /\b(TODO|FIXME|XXX)\b/;
    }
    next if $file !~ /\.[ch]$/;
    my $code = blank_comments($s);
    my @code = split /\n/, $code, -1;
    $number = 0;
    my ($depth, $start) = (0, 0);
    for my $line (@code) {
        $number++;
        complain($file, $number, "uses the banned function $1") if $line =~ $banned && $file =~ m{^src/};
        complain($file, $number, "calls $1 instead of the arena or bg_heap_*") if $line =~ $heap && $file =~ m{^src/} && $file ne 'src/base/arena.c';
        complain($file, $number, "may have only store include $1") if $file !~ m{^src/store/} && $file =~ m{^src/} && $line =~ /#include\s*<(sqlite3|libpq-fe)\.h>/;
        complain($file, $number, "may have only http include $1") if $file !~ m{^src/http/} && $file =~ m{^src/} && $line =~ /#include\s*<(microhttpd)\.h>/;
        complain($file, $number, "has a mutable global") if $file =~ m{^src/} && $line =~ /^static (?!const|inline|_Thread_local|[^=;]*\bconst\b)[^()]*?\b\w+(\[[^\]]*\])*\s*(=|;)/;
        # Functions start with { in column 0 after a line that is no type, and end with } in column 0.
        if ($line =~ /^\{/) { $start = $number; }
        if ($line =~ /^\}/ && $start) {
            my $long = $number - $start - 1;
            complain($file, $start, "has a function of $long lines; at most 70") if $long > 70 && $file =~ m{^(src|tools|bench)/};
            $start = 0;
        }
    }
}

# Error codes: words in both languages, and raised somewhere.
my $all = join "\n", map { $text{$_} } grep { m{^src/} && !/\.def$/ } keys %text;
my $errors = $text{'src/base/errors.def'};
while ($errors =~ /BG_ERROR\((\w+),\s*"([^"]*)",\s*(\d+),\s*"([^"]*)",\s*"([^"]*)",\s*"([^"]*)",\s*"([^"]*)"\)/gs) {
    my ($name, $slug, $status, $zh, $en, $remedy_zh, $remedy_en) = ($1, $2, $3, $4, $5, $6, $7);
    my $line = 1 + (substr($errors, 0, $-[0]) =~ tr/\n//);
    complain('src/base/errors.def', $line, "$name lacks words in one language") if grep { $_ eq '' } $zh, $en, $remedy_zh, $remedy_en;
    complain('src/base/errors.def', $line, "$name has no Chinese in its Chinese words") unless $zh =~ /[^\x00-\x7f]/;
    complain('src/base/errors.def', $line, "BG_$name is never raised") unless $all =~ /\bBG_$name\b/;
}

# SQL statements: each used by its module's code or tests.
chomp(my @sql = `git ls-files -co --exclude-standard -- 'src/*/*.sql'`);
for my $file (grep { -e } @sql) {
    open my $in, '<', $file or die;
    while (<$in>) {
        next unless /^-- name:\s*(\w+)/;
        my $name = 'SQL_' . uc $1;
        complain($file, $., "$1 is never used") unless $all =~ /\b$name\b/;
    }
}

# Shell, web and documents: no trailing blanks, no unfinished work.
chomp(my @other = `git ls-files -co --exclude-standard -- '*.sh' '*.ts' '*.tsx' '*.md' '*.mjs' '*.css'`);
for my $file (grep { -e } @other) {
    open my $in, '<', $file or die;
    my $count = 0;
    while (<$in>) {
        $count++;
        complain($file, $count, "names unfinished work") if /\b(TODO|FIXME)\b/;
    }
    complain($file, $count, "has $count lines; at most 800") if $count > 800 && $file =~ /\.(ts|tsx|mjs|sh)$/ && $file !~ m{web/src/api/types\.ts};
}
print "tidy: ", scalar(keys %text), " files, $bad complaints\n";
exit($bad ? 1 : 0);
